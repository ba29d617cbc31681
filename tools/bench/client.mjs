// The client beside the programs that people script today, on the same registry and machine: dates
// of 1,000 tags, a verified download of 1 GiB, and the time from `import` to the first answer.
//
// npm run bench -- client [listing|download|start] [--repeat N]

import { startDistribution } from '../../tests/support/registries.mjs'
import { buildPackage } from '../build/all.mjs'
import { Failure, step } from '../command.mjs'
import { findPeer } from '../peers/find.mjs'
import { installPeers } from '../peers/install.mjs'
import { setUp } from '../setup.mjs'
import { compareDownloads } from './client/download.mjs'
import { compareListings } from './client/listing.mjs'
import { compareStarts } from './client/start.mjs'
import { fill } from './client/yard.mjs'

const PEERS = ['distribution 3', 'crane', 'regctl', 'oras', 'skopeo']
const PARTS = { listing: compareListings, download: compareDownloads, start: compareStarts }

/** Prints a table for each part and answers the exit code: 1 where a bound of our own is missed. */
export async function bench(args = process.argv.slice(3)) {
  const { parts, repeat } = options(args)
  await setUp()
  await buildPackage('release')
  await installPeers(PEERS)
  const { reason } = findPeer('distribution 3')
  if (reason) throw new Failure(reason)

  const registry = await startDistribution({ accessLog: true })
  try {
    const yard = await step('1,000 images and a blob of 1 GiB', () => fill(registry))
    let missed = 0
    for (const part of parts) missed += await PARTS[part]({ registry, repeat, ...yard })
    return missed === 0 ? 0 : 1
  } finally {
    await registry.stop()
  }
}

function options(args) {
  const at = args.indexOf('--repeat')
  const repeat = at < 0 ? 3 : Number(args.splice(at, 2)[1])
  const unknown = args.filter((part) => !(part in PARTS))
  if (unknown.length > 0 || !Number.isInteger(repeat) || repeat < 1) {
    throw new Failure(`npm run bench -- client [${Object.keys(PARTS).join('|')}] [--repeat N]`)
  }
  return { parts: args.length > 0 ? args : Object.keys(PARTS), repeat }
}
