// npm test: set-up, build, and every test there is. `npm test -- rust worker` runs those suites only.

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { main } = await import('./command.mjs')
const { test } = await import('./test/test.mjs')

await main(() => test(process.argv.slice(2)))
