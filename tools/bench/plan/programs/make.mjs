// node make.mjs INVENTORY [WASM]: reads an inventory, plans, and writes the plan out, through the
// package; with WASM, another engine than the package's own. Prints one line of JSON: milliseconds,
// and the highest resident memory of this process in bytes.

import { closeSync, createReadStream, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const [file, wasm] = process.argv.slice(2)
const portreeve = wasm === undefined ? await import('portreeve') : await withEngine(wasm)

const started = performance.now()
const inventory = await portreeve.readInventory(createReadStream(file, { highWaterMark: 1 << 18 }))
const read = performance.now()
const configuration = readFileSync(join(import.meta.dirname, '../../../../benches/plan/configuration.json'), 'utf8')
const now = new Date('2026-11-24T08:00:00Z')
const reports = {
  'open-prs': await portreeve.report.reduce(lines(500, (number) => number * 10 + 5), { kind: 'strings', takenAt: now }),
  cluster: await portreeve.report.reduce(used(), { kind: 'images', takenAt: now }),
}
const plan = await portreeve.plan({ configuration, job: 'web', inventories: [inventory], reports, now })
const planned = performance.now()
let bytes = 0
const out = openSync('/dev/null', 'w')
// what is not written at once would wait in memory: a plan hands its pieces over without a pause
plan.write((piece) => {
  bytes += writeSync(out, piece)
})
closeSync(out)
const written = performance.now()

const memory = process.resourceUsage().maxRSS * 1024
const { summary } = plan
console.log(JSON.stringify({ images: inventory.size, deleted: summary.delete.manifests, read: read - started, plan: planned - read, write: written - planned, bytes, peak: memory }))

function lines(count, line) {
  return Array.from({ length: count }, (_, number) => line(number)).join('\n')
}

/** The first of the file are in use; the file is not read whole, which would count as our memory. */
function used() {
  const buffer = Buffer.alloc(1 << 18)
  const handle = openSync(file, 'r')
  const length = readSync(handle, buffer)
  closeSync(handle)
  const digests = buffer.toString('latin1', 0, length).matchAll(/"digest":"(sha256:[0-9a-f]{64})"/g)
  return Array.from(digests, ([, digest]) => `registry.example/acme/web@${digest}`)
    .slice(0, 300)
    .join('\n')
}

async function withEngine(path) {
  const slim = await import('portreeve/slim')
  slim.useWasm({ client: () => Promise.reject(new Error('nothing is asked for')), engine: () => readFileSync(path) })
  return slim
}
