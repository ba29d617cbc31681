import { wrong } from './argument.js'

/** What the engine holds, and writes as a document piece by piece. */
interface Written {
  write(take: (piece: string) => unknown): void
}

/** Hands the document over in pieces, each before the next is made. */
export function writeTo(take: unknown, held: Written): void {
  if (typeof take !== 'function') throw wrong('take', 'a function')
  held.write(take as (piece: string) => unknown)
}

/** The document as one text. */
export function textOf(held: Written): string {
  const parts: string[] = []
  held.write((piece) => parts.push(piece))
  return parts.join('')
}
