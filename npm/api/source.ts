import { object, text, wrong } from './argument.js'

/** A document: a text or its bytes, or pieces of them as a file or an answer gives them. */
export type TextSource =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string | Uint8Array>

// what crosses into WebAssembly at once
const PIECE = 1 << 18

/** A document piece by piece, so that a large one is nowhere whole; no character is cut. */
export async function* pieces(what: string, source: TextSource): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decoded = (bytes?: Uint8Array) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch (cause) {
      throw wrong(what, 'UTF-8', cause)
    }
  }
  for await (const part of parts(what, source)) {
    if (typeof part === 'string') yield* cut(text(what, part))
    else if (part instanceof Uint8Array) yield* cut(decoded(part))
    else throw wrong(what, 'pieces of text or bytes')
  }
  yield decoded()
}

function parts(what: string, source: TextSource): Iterable<unknown> | AsyncIterable<unknown> {
  if (typeof source === 'string' || source instanceof Uint8Array) return [source]
  if (Array.isArray(source)) return source
  const given = object(what, source) as Partial<ReadableStream & Iterable<unknown> & AsyncIterable<unknown>>
  if (typeof given[Symbol.asyncIterator] === 'function') return given as AsyncIterable<unknown>
  if (typeof given[Symbol.iterator] === 'function') return given as Iterable<unknown>
  if (typeof given.getReader === 'function') return read(given as ReadableStream<unknown>)
  throw wrong(what, 'a text, or pieces of one')
}

/** Some browsers' streams cannot be looped over. */
async function* read(stream: ReadableStream<unknown>): AsyncGenerator<unknown> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

function* cut(whole: string): Generator<string> {
  for (let start = 0; start < whole.length; ) {
    const end = start + PIECE
    // half of a character may stand there
    const cutAt = end < whole.length && isHigh(whole.charCodeAt(end - 1)) ? end - 1 : end
    yield whole.slice(start, cutAt)
    start = cutAt
  }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}
