// The registry that the checked-in portreeve.json reads: seeded anew with each start.

import { join } from 'node:path'

import { ROOT, run } from '../command.mjs'
import { ADDRESS } from './ports.mjs'

/** Compiles it. */
export function buildDemoRegistry() {
  return run('cargo', ['build', '--locked', '--example', 'demo_registry'])
}

/** Where the compiled program is. */
export const DEMO_REGISTRY = join(ROOT, 'target', 'debug', 'examples', 'demo_registry')

/** Starts it and waits until it answers. */
export function startDemoRegistry(servers, { demo: port }) {
  const args = ['--port', String(port), '--exit-with-parent']
  return servers.start('the demo registry', `http://${ADDRESS}:${port}/v2/`, DEMO_REGISTRY, args)
}
