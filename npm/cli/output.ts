import Table from 'cli-table3'
import pc from 'picocolors'
import { once } from 'node:events'

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

/** One document for programs. */
export function json(document: object): Promise<void> {
  return print(`${JSON.stringify(document, null, 2)}\n`)
}

/** One short note beside the output: warnings and what to do next. */
export function note(text: string): void {
  process.stderr.write(`${harmless(text)}\n`)
}

/** Columns without borders, which read well, wrap in no terminal and are easy to `awk`. */
export function table(head: string[], rows: string[][], right: number[] = []): string {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' }
  const corners = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' }
  const drawn = new Table({
    head: head.map((title) => pc.dim(title)),
    chars: { ...none, ...corners, right: '', 'right-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
  })
  drawn.push(...rows)
  return drawn
    .toString()
    .split('\n')
    .map((row) => row.trimEnd())
    .join('\n')
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `1.2 MB`, in powers of 1,000 as docker counts. */
export function bytes(count: number): string {
  let unit = 0
  let value = count
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `1 manifest`, `2 manifests`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The first twelve digits, which is what people compare. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}

/** `2026-11-24 10:05`, in UTC. */
export function when(time: string | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
