// docs/ says what the command line does: the pages are its own definitions, and what every command
// prints is what the pages describe.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { Errors } from 'typebox/schema'

import { ROOT } from '../../tools/command.mjs'
import { pages } from '../../tools/docs.mjs'
import { commandLineTest } from '../support/cli.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const here = commandLineTest()

test('the pages made from the definitions are the ones in docs/', async () => {
  for (const [path, text] of Object.entries(await pages())) {
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), text, `${path} is stale: npm run docs`)
  }
})

const schema = JSON.parse(readFileSync(join(ROOT, 'docs/json.schema.json'), 'utf8'))

// every line prints one document; in this order, because later ones find what earlier ones did
const LINES = [
  ['tags', '@demo/shop/web'],
  ['tags', '@demo/shop/web', '--with', 'digest,mediaType,size,created,pushed,platforms', '--sort', 'pushed', '--limit', '5'],
  ['repos', '@demo'],
  ['digest', '@demo/shop/web:v1.4.2'],
  ['manifest', '@demo/shop/web:v1.4.2'],
  ['inspect', '@demo/shop/web:v1.4.2'],
  ['inspect', '@demo/shop/web:v1.4.0', '--platform', 'linux/arm64'],
  ['inspect', '@demo/shop/api:latest'],
  ['blob', '@demo/shop/api@LAYER', '--output', 'layer'],
  ['referrers', '@demo/shop/web:v1.4.0'],
  ['tag', '@demo/shop/api:latest', 'stable', 'latest', 'new'],
  ['untag', '@demo/shop/api:new', '--dry-run'],
  ['untag', '@demo/shop/api:new', '--yes'],
  ['delete', '@demo/shop/web:v1.4.2', '--dry-run'],
  ['delete', '@demo/shop/api:build-118', '--yes'],
  ['capabilities', '@demo'],
  ['capabilities', '@demo/shop/web'],
  ['inventory', '@demo/shop/web', '--layers'],
  ['plan', 'shop', '--layers', '--out', 'plan.json'],
  ['plan', 'shop', '--why', 'v1.4.0'],
  ['plan', 'shop', '--why', 'pr-418-8b9ddef', '--now', '2030-01-01T00:00:00Z'],
  ['plan', 'shop', '--against', 'plan.json', '--now', '2030-01-01T00:00:00Z'],
  ['apply', 'plan.json', '--yes'],
  ['restore', 'RUN'],
  ['report', 'reduce', '--kind', 'images', '.'],
  ['config', 'check'],
  ['policy', 'explain', '--job', 'shop'],
  ['policy', 'check', '--job', 'shop'],
  ['token', 'get', 'BEARER/shop/web'],
  ['token', 'create'],
  ['completion', 'fish'],
  ['tags', 'not a reference'],
  ['tags', '@demo/no/such'],
]

test('every document that a command prints is the one that the schema describes, and every one is printed', async (t) => {
  const bearer = await startDemoRegistry(['--profile', 'bearer'])
  t.after(() => bearer.stop())
  const seen = new Set()
  const { manifest } = await here.succeeds('manifest', '@demo/shop/api:latest', '--json')
  const [layer] = manifest.layers
  let run
  for (const line of LINES) {
    const args = line.map((word) => word.replace('BEARER', bearer.host).replace('RUN', run).replace('LAYER', layer.digest))
    const { stdout, stderr } = await here.portreeve(...args, '--json')
    const document = JSON.parse(stdout)
    run = document.run ?? run
    seen.add(document.format)
    const described = schema.$defs[document.format]
    assert.ok(described, `${document.format} of ${args.join(' ')} is not in docs/json.schema.json`)
    const [fits, problems] = Errors(strict(described), document)
    assert.ok(fits, `${args.join(' ')}: ${JSON.stringify(problems, null, 2)}\n${stderr}`)
    // nothing but the document stands on standard output
    assert.ok(stdout.endsWith('}\n'))
  }
  assert.deepEqual([...seen].toSorted(), Object.keys(schema.$defs).toSorted())
})

test('the schema as a whole takes a document and refuses another', async () => {
  const document = await here.succeeds('digest', '@demo/shop/web:v1.4.2', '--json')
  assert.ok(Errors(schema, document)[0])
  assert.ok(!Errors(schema, { ...document, digest: 'sha256:1' })[0])
  assert.ok(Errors(schema, { ...document, new: 'fields of later releases are no mistake' })[0])
})

/** Readers take unknown fields; the test does not, so that none goes undescribed. */
function strict(part) {
  if (Array.isArray(part)) return part.map(strict)
  if (typeof part !== 'object' || part === null) return part
  const inside = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, strict(value)]))
  return part.type === 'object' && part.properties !== undefined ? { ...inside, additionalProperties: false } : inside
}
