// A blob of 1 GiB through the Worker on raw workerd: its bytes pass by, so memory stays where it was.
// nginx's `proxy_pass` carries the same blob from the same registry, for the record.

import { startDemoRegistry } from '../../tests/support/registries.mjs'
import { startWorker } from '../../tests/support/worker.mjs'
import { build } from '../build/all.mjs'
import { step } from '../command.mjs'
import { findPeer } from '../peers/find.mjs'
import { installPeers } from '../peers/install.mjs'
import { setUp } from '../setup.mjs'
import { buildDemoRegistry } from '../start/demo_registry.mjs'
import { startNginx } from './nginx.mjs'
import { measure } from './measure.mjs'

const SIZE = 1024 ** 3
const MAY_GROW = 64 * 1024 ** 2

/** Prints a table and answers the exit code. */
export async function bench() {
  await setUp()
  await build('release')
  await step('the demo registry', buildDemoRegistry)
  await installPeers(['nginx'])

  const registry = await startDemoRegistry(['--big-blob', '1GiB'])
  const [, repository, digest] = /big blob at (\S+)@(sha256:[0-9a-f]{64})/.exec(registry.log())
  const worker = await startWorker({ configuration: configuration(registry.host, repository) })
  const rows = [await row('portreeve', worker, `/v2/demo/${repository}/blobs/${digest}`, digest)]

  const { reason } = findPeer('nginx')
  if (reason) console.log(`without nginx: ${reason}`)
  else rows.push(await row('nginx', await startNginx(registry.url), `/v2/${repository}/blobs/${digest}`, digest))
  await registry.stop()

  console.table(Object.fromEntries(rows.map(({ name, growth, ...figures }) => [name, { ...figures, 'memory grew, MiB': mebibytes(growth) }])))
  const [{ growth }] = rows
  if (growth < MAY_GROW) return 0
  console.error(`the Worker's memory grew by ${mebibytes(growth)} MiB; it may grow by less than ${mebibytes(MAY_GROW)}`)
  return 1
}

async function row(name, server, path, digest) {
  try {
    // the first request compiles, connects and allocates; what counts is what a blob adds
    await measure(server, path, { digest, size: SIZE, bytes: 'bytes=0-1048575' })
    const { seconds, cpuSeconds, growth } = await measure(server, path, { digest, size: SIZE })
    return { name, seconds, 'MiB/s': Math.round(SIZE / 1024 ** 2 / seconds), 'CPU seconds': cpuSeconds, growth }
  } finally {
    await server.stop()
  }
}

function configuration(host, repository) {
  const grants = [{ actions: ['pull'], repositories: [`demo/${repository}`] }]
  return { version: 1, upstreams: { demo: { host } }, clients: { bench: { anonymousFrom: ['127.0.0.1/32'], grants } } }
}

function mebibytes(bytes) {
  return Math.round((bytes / 1024 ** 2) * 10) / 10
}
