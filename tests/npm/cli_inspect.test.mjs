// The page that `inspect` shows a person.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { atTerminal, commandLineTest, inShell, told } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'
import { pushImage, pushIndex } from '../support/handmade.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const HISTORY = [
  '/bin/sh -c #(nop) ADD file:3b8e5b1d1e0c5b7a in / ',
  'COPY package.json package-lock.json /srv/app/ # buildkit',
  'RUN |1 NODE_ENV=production /bin/sh -c apt-get update && apt-get install -y --no-install-recommends ca-certificates curl libssl3 tzdata && rm -rf /var/lib/apt/lists/* && npm ci --omit=dev # buildkit',
]

const CONFIG = {
  User: 'node',
  Env: ['PATH=/usr/local/bin:/usr/bin', 'DB_PASSWORD=hunter2'],
  Entrypoint: ['/usr/bin/tini', '--', 'node'],
  Cmd: ['server.js', 'hello world'],
  WorkingDir: '/srv/app',
  ExposedPorts: { '8080/tcp': {} },
  Volumes: { '/data': {} },
  StopSignal: 'SIGTERM',
  Labels: {
    'org.opencontainers.image.description':
      'A shop that sells harbours, lighthouses and everything that a town by the sea needs, with delivery by boat.',
    hostile: 'v1\u001b[2K\rv2',
  },
}

let missing

async function fill(registry) {
  const at = [registry, 'team/page']
  const history = HISTORY
  const images = [
    await pushImage(...at, { architecture: 'amd64', config: CONFIG, history, created: '2026-11-20T10:00:00Z' }),
    await pushImage(...at, { architecture: 'arm64', config: { ...CONFIG, User: 'other' }, history }),
    await pushImage(...at, { architecture: 's390x', config: {}, history, created: '1970-01-01T00:00:00Z' }),
  ]
  const annotations = { 'org.opencontainers.image.version': '1.0.0' }
  await pushIndex(...at, images, { tag: 'v1', annotations })
  await pushIndex(...at, images.slice(1), { tag: 'broken' })
  missing = images[2]
  await pushImage(...at, { architecture: 'arm', variant: 'v7', config: {}, history: HISTORY.slice(0, 1), tag: 'single' })
}

const here = commandLineTest({ fill })
const { succeeds } = here

test('the page says what the image is, where it runs, and what it is made of', async () => {
  const page = await succeeds('inspect', `${here.registry.host}/team/page:v1`, '--platform', 'linux/amd64')
  for (const expected of [
    /^127\.0\.0\.1:\d+\/team\/page:v1\n/,
    /^Digest {2}sha256:[0-9a-f]{64}$/m,
    /^Type {4}OCI manifest$/m,
    /^Built {3}2026-11-20 10:00 UTC/m,
    /^Entrypoint +\/usr\/bin\/tini -- node$/m,
    /^Command +server\.js "hello world"$/m,
    /^User +node$/m,
    /^Folder +\/srv\/app$/m,
    /^Ports +8080\/tcp$/m,
    /^Volumes +\/data$/m,
    /^Variables +PATH DB_PASSWORD$/m,
    /^1 {2}[0-9a-f]{12} +\d+ B {2}ADD file:3b8e5b1d1e0c5b7a in \/$/m,
    /^2 {2}[0-9a-f]{12} +\d+ B {2}COPY package\.json package-lock\.json \/srv\/app\/$/m,
    /^3 {2}[0-9a-f]{12} +\d+ B {2}RUN apt-get update && .* && npm ci --omit=dev$/m,
    /^org\.opencontainers\.image\.description {2}A shop that sells harbours/m,
  ])
    assert.match(page, expected)
  assert.ok(!page.includes('hunter2'), 'values of variables are not shown')
  assert.ok(!page.includes('\u001b'))
})

test('an index lists its platforms and shows the one that runs here from inside', async () => {
  const page = await succeeds('inspect', `${here.registry.host}/team/page:v1`)
  for (const platform of ['linux/amd64', 'linux/arm64', 'linux/s390x']) {
    assert.match(page, new RegExp(`^${platform} +[0-9a-f]{12} +\\d+(\\.\\d)? k?B +3`, 'm'))
  }
  assert.match(page, /^Type {4}OCI index of 3 platforms$/m)
  assert.match(page, /^org\.opencontainers\.image\.version {2}1\.0\.0$/m)
  assert.match(page, /^linux\/\w+ {2}--platform linux\/\w+ shows another$/m)
  const [inside] = /^User .*$/m.exec(page)
  assert.match(inside, process.arch === 'arm64' ? /other/ : /node/)
})

test('an image of one platform has no list of platforms', async () => {
  const page = await succeeds('inspect', `${here.registry.host}/team/page:single`)
  assert.doesNotMatch(page, /PLATFORM/)
  assert.match(page, /^linux\/arm\/v7$/m)
  assert.match(page, /^User +root \(none is set\)$/m)
})

test('attestations, signatures and SBOMs are shown with what they speak about', async () => {
  const page = await succeeds('inspect', '@demo/shop/web:v1.4.2')
  assert.match(page, /^attestation +[0-9a-f]{12} .* linux\/amd64 +slsa\.dev\/provenance\/v0\.2$/m)
  assert.match(page, /^signature +[0-9a-f]{12} .* the image +cosign$/m)
  assert.match(await succeeds('inspect', '@demo/shop/web:v1.4.0'), /^sbom +[0-9a-f]{12} .* the image +SPDX$/m)
  const { attached } = await succeeds('inspect', '@demo/shop/web:v1.4.2', '--platform', 'linux/arm64', '--json')
  assert.deepEqual(
    attached.map(({ kind }) => kind),
    ['attestation'],
  )
})

test('what an index lists and the registry lacks is said, and the rest is shown', async (t) => {
  const path = `/v2/team/page/manifests/${missing.digest}`
  await fetch(`${here.registry.url}/_demo/faults`, { method: 'POST', body: JSON.stringify({ path, status: 404, times: 0 }) })
  t.after(() => fetch(`${here.registry.url}/_demo/faults`, { method: 'DELETE' }))
  const page = await told(here.portreeve, ['inspect', `${here.registry.host}/team/page:broken`], 6)
  assert.match(page, /^linux\/s390x +[0-9a-f]{12} +missing$/m)
  assert.match(page, /^broken The index lists 1 manifest that the registry does not have/m)
  assert.match(page, /^linux\/arm64$/m)
  const document = await told(here.portreeve, ['inspect', `${here.registry.host}/team/page:broken`, '--json'], 6)
  assert.deepEqual(
    document.missing.map(({ digest }) => digest),
    [missing.digest],
  )
})

for (const columns of [80, 120, 200]) {
  test(`at a terminal of ${columns} columns no line is wider`, async () => {
    for (const reference of [`${here.registry.host}/team/page:v1`, '@demo/shop/web:v1.4.2', '@demo/shop/web:v1.4.0', '@demo/shop/api:latest']) {
      const { code, stdout } = await atTerminal(here.portreeve, ['inspect', reference], { columns })
      assert.equal(code, 0, stdout)
      for (const line of stdout.split('\r\n')) assert.ok(line.length <= columns, `${line.length}: ${line}`)
    }
  })
}

test('a wide terminal shows an instruction on one line, a narrow one on several', async () => {
  const args = ['inspect', `${here.registry.host}/team/page:v1`]
  assert.match((await atTerminal(here.portreeve, args, { columns: 250 })).stdout, /RUN apt-get update && .* && npm ci/)
  const narrow = (await atTerminal(here.portreeve, args, { columns: 80 })).stdout
  assert.match(narrow, /RUN apt-get update && apt-get install -y\s/)
})

test('an artifact that is no image has a page, too', async () => {
  const { attached } = await succeeds('inspect', '@demo/shop/web:v1.4.0', '--json')
  const { digest } = attached.find(({ kind }) => kind === 'sbom')
  const page = await succeeds('inspect', `@demo/shop/web@${digest}`)
  assert.match(page, /^Is {6}application\/spdx\+json$/m)
  assert.match(page, /^FILE +SIZE +NAME$/m)
  const { files, platforms } = await succeeds('inspect', `@demo/shop/web@${digest}`, '--json')
  assert.deepEqual([files.length, platforms.length], [1, 0])
  assert.ok(page.includes(`${files[0].digest.slice(7, 19)}  `), page)
})

test('the page has colours at a terminal and none with NO_COLOR', async () => {
  const args = ['inspect', '@demo/shop/web:v1.4.2']
  const coloured = await atTerminal(here.portreeve, args, { env: { NO_COLOR: undefined, TERM: 'xterm' } })
  assert.ok(coloured.stdout.includes('\u001b[1m'))
  assert.ok(!(await atTerminal(here.portreeve, args)).stdout.includes('\u001b'))
})

test('the page goes whole into a pipe', async () => {
  const { stdout } = await inShell(here.portreeve, `portreeve inspect ${here.registry.host}/team/page:v1 | cat`)
  assert.match(stdout, /RUN apt-get update && .* && npm ci --omit=dev$/m)
})

test('an image on a registry without referrers API is shown with its fallback tags', async (t) => {
  const plain = await startDemoRegistry(['--profile', 'distribution_2_8'])
  t.after(() => plain.stop())
  const cli = await commandLine()
  const { attached } = await told(cli, ['inspect', `${plain.host}/shop/web:v1.4.2`, '--json'], 0)
  assert.deepEqual(attached.map(({ source }) => source).toSorted(), ['cosignTag', 'index', 'index'])
})
