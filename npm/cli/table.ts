import Table from 'cli-table3'
import pc from 'picocolors'
import wrapAnsi from 'wrap-ansi'
import { columns } from './terminal.js'

/** How a table treats one of its columns. */
export interface Column {
  title: string
  /** Numbers stand to the right. */
  right?: boolean
  /** The one that takes the width that is left, and wraps within it. */
  flexible?: boolean
  /** Lines that a cell may take in the flexible column; what is left ends with an ellipsis. */
  lines?: number
}

const GAP = 2
// a column narrower than this is harder to read than a line that the terminal wraps
const NARROWEST = 20

/** Columns without borders, which read well, fit the terminal and are easy to `awk`. */
export function table(head: Column[], rows: string[][]): string {
  const fitted = fit(head, rows)
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' }
  const corners = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' }
  const drawn = new Table({
    ...(head.some(({ title }) => title !== '') ? { head: head.map(({ title }) => (title === '' ? '' : pc.dim(title))) } : {}),
    chars: { ...none, ...corners, right: '', 'right-mid': '', middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map(({ right }) => (right === true ? 'right' : 'left')),
  })
  for (const each of fitted) drawn.push(each)
  return drawn
    .toString()
    .split('\n')
    .map((row) => row.trimEnd())
    .join('\n')
}

function fit(head: Column[], rows: string[][]): string[][] {
  const index = head.findIndex(({ flexible }) => flexible === true)
  const column = head[index]
  if (column === undefined) return rows
  const others = head.map((_, other) => (other === index ? 0 : width(head, rows, other)))
  const left = columns() - others.reduce((sum, each) => sum + each + GAP, -GAP)
  const room = Math.max(left, NARROWEST)
  return rows.map((row) => row.map((cell, at) => (at === index ? wrapped(cell, room, column.lines) : cell)))
}

function width(head: Column[], rows: string[][], column: number): number {
  const cells = rows.map((row) => visible(row[column] ?? '').length)
  return Math.max(visible(head[column]?.title ?? '').length, ...cells)
}

function wrapped(cell: string, room: number, lines = Infinity): string {
  if (room === Infinity) return cell
  const all = wrapAnsi(cell, room, { hard: true }).split('\n')
  if (all.length <= lines) return all.join('\n')
  const last = (all[lines - 1] ?? '').slice(0, room - 1)
  return [...all.slice(0, lines - 1), `${last}…`].join('\n')
}

function visible(text: string): string {
  return text.replace(/\x1b\[[0-9;]*m/g, '')
}
