const WIDTH = 76

/** A line of a document, with a mark under the column that is meant; both count from 1. */
export function excerpt(document: string, { line, column }: { line: number; column: number }): string {
  const text = (document.split('\n')[line - 1] ?? '').replaceAll('\t', ' ').trimEnd()
  const characters = [...text]
  // of a long line, the part around the mark
  const start = column - 1 < WIDTH ? 0 : column - 1 - WIDTH / 2
  const shown = characters.slice(start, start + WIDTH).join('')
  return `${shown}\n${' '.repeat(Math.max(column - 1 - start, 0))}^`
}
