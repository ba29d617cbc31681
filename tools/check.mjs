// npm run check: what a change must satisfy beside its tests. `npm run check -- --lower-sizes` writes
// sizes.json anew where artefacts became smaller.

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { main } = await import('./command.mjs')
const { check } = await import('./check/check.mjs')

await main(() => check({ lowerSizes: process.argv.includes('--lower-sizes') }))
