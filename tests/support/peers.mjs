// Programs of other people in a test:
//
//   test('crane reads what we pushed', { skip: needs('crane', 'docker-registry') }, async () => {
//     await execute('crane', ['ls', ...])
//   })
//
// A missing program skips the test by its name, with the reason; `npm test` installs what it can.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { findPeer } from '../../tools/peers/find.mjs'

/** `false` when all of them are there, else the reason for `skip`. */
export function needs(...names) {
  const reasons = names.map(findPeer).flatMap(({ reason }) => reason ?? [])
  return reasons.length > 0 && reasons.join('; ')
}

/** The path of a program; throws the reason when it is not there. */
export function peer(name) {
  const { path, reason } = findPeer(name)
  if (path) return path
  throw new Error(reason)
}

/** Runs a peer to its end and answers `{ stdout, stderr }`; fails with what it printed. */
export async function execute(name, args, options = {}) {
  try {
    return await promisify(execFile)(peer(name), args, { timeout: 120_000, maxBuffer: 64 * 1024 * 1024, ...options })
  } catch (error) {
    throw new Error(`${name} ${args.join(' ')}: exit ${error.code}\n${error.stdout ?? ''}${error.stderr ?? error.message}`)
  }
}
