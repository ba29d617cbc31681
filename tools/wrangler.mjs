// How wrangler is called: under this Node, and without telling anybody.

import { join } from 'node:path'

import { ROOT } from './command.mjs'

/** The program of wrangler, to run with Node. */
export const WRANGLER = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')

/** What keeps wrangler from asking the network for anything that a local run does not need. */
export const QUIET = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** The arguments for `run`: program, its arguments, options. */
export function wrangler(...args) {
  return [process.execPath, [WRANGLER, ...args, '--config', join(ROOT, 'wrangler.toml')], { env: { ...process.env, ...QUIET } }]
}
