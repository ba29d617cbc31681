// What the table of registries says, as docs/registries.md has it: a Rust test keeps that page true.
//
//   rowOf('distribution_2_8').untag          // 'no'

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from '../../tools/command.mjs'

const page = readFileSync(join(ROOT, 'docs', 'registries.md'), 'utf8')
const cells = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('*', ''))
const [heads, , ...rows] = page.split('\n').filter((line) => line.startsWith('| ')).map(cells)
const names = new Map([...page.matchAll(/^### (.+)\n\n- `(.+)`$/gm)].map(([, name, id]) => [id, name]))

/** Every id, in the page's order. */
export const PROFILES = [...names.keys()]

/** A registry's row by its id: what is in each column, and what its own section adds. */
export function rowOf(id) {
  const row = rows.find(([name]) => name === names.get(id))
  const section = page.split(`\n- \`${id}\`\n`)[1].split('\n### ')[0]
  return {
    ...Object.fromEntries(heads.map((head, place) => [head, row[place]])),
    hidesMissing: section.includes('looks like one that is not yours'),
    untagsFirst: section.includes('tags are taken first'),
  }
}
