// npm start: the demo registry and the Worker on this machine, and what to try with them.
// PORT (8787) and DEMO_PORT (5555) change where they listen.

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { main } = await import('./command.mjs')
const { start } = await import('./start/start.mjs')

await main(start)
