import { asyncDispose } from './dispose.js'
import type { CallOptions } from './options.js'

/** A part of a blob. */
export interface ByteRange {
  /** The number of its first byte; 0 by default. */
  from?: number
  /** The number of the byte behind its last; to the end by default. */
  to?: number
}

/** What {@link Repository.blob} takes. */
export interface BlobOptions extends CallOptions {
  /** Only this part, which nothing can verify: a digest is of the whole. */
  range?: ByteRange
}

/** What a registry says of a blob without sending it. */
export interface BlobHead {
  /** The digest that was asked for. */
  digest: string
  /** In bytes, where the registry tells. */
  size: number | undefined
}

/** A blob's bytes, verified while they are read. */
export interface BlobStream extends ReadableStream<Uint8Array>, AsyncDisposable {
  /** Of the whole, in bytes, as far as the registry tells. */
  readonly size: number | undefined
  /** Which part of it these are, where they are not all. */
  readonly part: Required<ByteRange> | undefined
}

/** Gives a stream what is known of it, and an end to whoever does not read it to its own. */
export function blobStream(stream: ReadableStream<Uint8Array>, known: Pick<BlobStream, 'size' | 'part'>): BlobStream {
  return Object.assign(stream, {
    ...known,
    // what a reader still holds is the reader's to cancel
    [asyncDispose]: async () => (stream.locked ? undefined : stream.cancel()),
  })
}
