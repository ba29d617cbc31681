// npm run fuzz -- [NAME...] [--minutes 10] [--merge]: looks for inputs that make a parser panic or lie.
// With --merge, what reaches new code joins fuzz/corpus. A crash is written to build/fuzz and ends it.

import { parseArgs } from 'node:util'

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { Failure, main } = await import('./command.mjs')
const { fuzz } = await import('./fuzz/fuzz.mjs')

await main(async () => {
  const options = { minutes: { type: 'string', default: '10' }, merge: { type: 'boolean', default: false } }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) throw new Failure(`--minutes ${values.minutes}: expected a number above 0`)
  await fuzz(positionals, { minutes, merge: values.merge })
})
