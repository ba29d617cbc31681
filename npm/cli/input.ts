import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** The text of a file; `-` is standard input. */
export async function inputText(file: string): Promise<string> {
  if (file !== '-') return readFile(file, 'utf8')
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** The same in pieces, for what may be large. */
export function inputPieces(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file)
}

/** What a message calls it. */
export function inputName(file: string): string {
  return file === '-' ? 'standard input' : file
}
