import { asyncDispose } from './dispose.js'

/** A blob's bytes, verified while they are read. */
export interface BlobStream extends ReadableStream<Uint8Array>, AsyncDisposable {
  /** In bytes, as far as the registry tells. */
  readonly size: number | undefined
}

/** Gives a stream its size, and an end to whoever does not read it to its own. */
export function blobStream(stream: ReadableStream<Uint8Array>, size: number | undefined): BlobStream {
  return Object.assign(stream, {
    size,
    // what a reader still holds is the reader's to cancel
    [asyncDispose]: async () => (stream.locked ? undefined : stream.cancel()),
  })
}
