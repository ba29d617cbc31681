import { callback, count, json, object, options as checked, signalOf, text, wrong } from './argument.js'
import type { CallOptions } from './options.js'

/**
 * What is uploaded: text, bytes, a `Blob` (a `File` is one), or a function that opens a stream of
 * bytes.
 *
 * A stream is given as a function because it may have to be opened again: where a connection breaks
 * half-way, what was read of it is gone. Each call must give the same bytes.
 */
export type UploadSource =
  | string
  | Uint8Array
  | Blob
  | (() => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Promise<ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>>)

/** How a blob is uploaded. */
export interface UploadOptions extends CallOptions {
  /**
   * The digest that the bytes are to have. With it nothing is sent that the registry has; without
   * it they are hashed while they are read.
   */
  digest?: string
  /**
   * How many bytes a stream has. In Node and workerd a stream of known size is sent at once, and
   * not in pieces that are held in memory.
   */
  size?: number
  /** Another repository of the registry that may have the blob already; needs `digest`, or bytes at hand. */
  from?: string
  /** Send pieces of so many bytes, each held in memory; the registry may ask for longer ones. */
  chunkSize?: number
  /** What the returned descriptor says it is; `application/octet-stream` by default. */
  mediaType?: string
  /** Told how many bytes have left so far. */
  onProgress?: (sent: number) => void
}

/** A blob that the registry has: a descriptor for a manifest, and how it got there. */
export interface Uploaded {
  /** What it is to a manifest. */
  mediaType: string
  /** The name of its bytes. */
  digest: string
  /** In bytes. */
  size: number
  /**
   * `alreadyThere` and `mounted` sent no byte. Not enumerable, because a manifest is not to change by
   * it: spread or written as JSON, this is a descriptor and nothing else.
   */
  arrival: 'alreadyThere' | 'mounted' | 'sent'
}

/** @internal */
export function uploaded({ arrival, ...descriptor }: Uploaded): Uploaded {
  return Object.defineProperty(descriptor, 'arrival', { value: arrival }) as Uploaded
}

/** A source as the core reads it. */
export interface Given {
  size: number | undefined
  isHeld: boolean
  part(from: number, to: number): Uint8Array | Blob
  open(from: number): ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>
}

/** @internal */
export function checkedUpload(source: UploadSource, options: UploadOptions | undefined) {
  const { signal, onProgress, size, ...what } = checked(options)
  const chunkSize = count('chunkSize', what.chunkSize, 1)
  for (const name of ['digest', 'from', 'mediaType'] as const) {
    if (what[name] !== undefined) text(name, what[name])
  }
  return {
    given: given(source, size),
    settings: json('the options', { ...what, chunkSize }),
    progress: callback('onProgress', onProgress),
    signal: signalOf({ signal }),
  }
}

function given(source: UploadSource, size: number | undefined): Given {
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) throw wrong('size', 'a number of bytes')
  if (typeof source === 'function') {
    return {
      size,
      isHeld: false,
      part: () => new Uint8Array(),
      open: async (from) => behind(streamOf(await source()), from),
    }
  }
  const held = typeof source === 'string' ? new TextEncoder().encode(text('the source', source)) : source
  if (held instanceof Uint8Array) {
    return {
      size: same(size, held.length),
      isHeld: true,
      part: (from, to) => held.subarray(from, to),
      open: (from) => new Blob([held.subarray(from) as Uint8Array<ArrayBuffer>]).stream(),
    }
  }
  if (typeof (object('the source', held) as Blob).slice === 'function' && typeof held.stream === 'function') {
    return {
      size: same(size, held.size),
      isHeld: true,
      part: (from, to) => held.slice(from, to),
      open: (from) => held.slice(from).stream(),
    }
  }
  throw wrong('the source', 'a text, bytes, a Blob, or a function that opens a stream (a stream itself cannot be opened again)')
}

function same(promised: number | undefined, found: number): number {
  if (promised === undefined || promised === found) return found
  throw wrong('size', `${found}, which is how many bytes the source has`)
}

function streamOf(opened: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  if (opened instanceof ReadableStream) return opened
  if (typeof opened?.[Symbol.asyncIterator] !== 'function') {
    throw wrong('the source', 'a function that opens a ReadableStream or an async iterable of bytes')
  }
  const pieces = opened[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else if (value instanceof Uint8Array) controller.enqueue(value)
        else throw wrong('the source', 'pieces that are Uint8Arrays')
      },
      async cancel() {
        await pieces.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** What comes behind the first bytes of a stream. */
function behind(stream: ReadableStream<Uint8Array>, from: number): ReadableStream<Uint8Array> {
  if (from === 0) return stream
  const reader = stream.getReader()
  let left = from
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await reader.read()
          if (done) return controller.close()
          if (value.length > left) {
            controller.enqueue(value.subarray(left))
            left = 0
            return
          }
          left -= value.length
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
