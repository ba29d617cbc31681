// The built Worker in workerd, by `wrangler dev`, with its storage in a folder that outlives it.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { ROOT } from '../command.mjs'
import { QUIET, WRANGLER } from '../wrangler.mjs'
import { ADDRESS } from './ports.mjs'

/** Starts the Worker and waits until it answers. */
export function startWorker(servers, { worker: port }, state) {
  const args = [
    WRANGLER,
    'dev',
    ['--config', join(ROOT, 'wrangler.toml')],
    ['--ip', ADDRESS],
    ['--port', String(port)],
    ['--inspector-port', '0'],
    ['--persist-to', join(state, 'worker')],
    // a header that names the client's address can be forged here: no edge overwrites it
    ['--var', `CLIENT_ADDRESS:${ADDRESS}`],
    ['--show-interactive-dev-session', 'false'],
    ['--log-level', 'warn'],
  ].flat()
  return servers.start('the Worker', `http://${ADDRESS}:${port}/healthz`, process.execPath, args, environment())
}

/** wrangler ends when this process does. */
function environment() {
  const attended = pathToFileURL(join(import.meta.dirname, 'attended.mjs'))
  return {
    ...process.env,
    ...QUIET,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${attended}`.trim(),
  }
}
