// npm run build: both faces, optimised, into build/ and npm/dist. `--debug` builds what `npm start`
// and `npm test` run.

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { main } = await import('./command.mjs')
const { setUp } = await import('./setup.mjs')
const { build } = await import('./build/all.mjs')

await main(async () => {
  await setUp()
  await build(process.argv.includes('--debug') ? 'debug' : 'release')
})
