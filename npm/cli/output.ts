import { once } from 'node:events'
import type { Document } from './documents.js'
import { progressLine } from './terminal.js'

/** Writes to standard output and waits until it is taken, so that nothing is lost at exit. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** One line for people. */
export function line(text = ''): Promise<void> {
  return print(`${harmless(text)}\n`)
}

const CONTROL = /(\x1b\[(?:0|1|2|22|31|32|33|39)m)|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

/**
 * Text without what steers a terminal: whoever pushes an image chooses its labels, and could hide
 * or change what is read here. Line ends, tabs and our own colours stay.
 */
export function harmless(text: string): string {
  return text.replace(CONTROL, (_, colour?: string) => colour ?? '\u{fffd}')
}

/** The one document for programs that a verb prints with `--json`; docs/json.md describes each. */
export function json(document: Document): Promise<void> {
  return print(`${JSON.stringify(document, null, 2)}\n`)
}

/** One short note beside the output: warnings and what to do next. */
export function note(text: string): void {
  process.stderr.write(`${progressLine.isDrawn ? '\r\x1b[2K' : ''}${harmless(text)}\n`)
}
