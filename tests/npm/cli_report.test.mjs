// `portreeve report reduce`: files, folders, standard input.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { failsWith, inShell, told } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'

const FIXTURES = new URL('../planning/reports/', import.meta.url)
const WORKLOADS = readFileSync(new URL('workloads.json', FIXTURES), 'utf8')
const GITOPS = readFileSync(new URL('gitops.json', FIXTURES), 'utf8')

const DEPLOYMENT = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, annotations: { note: hunter2 } }
spec:
  template:
    spec:
      containers:
        - &app { name: app, image: 'cr.acme.dev/shop/web:v1', env: [{ name: PASSWORD, value: hunter2 }] }
        - { <<: *app, name: again }
---
# nothing
---
kind: Kustomization
apiVersion: kustomize.config.k8s.io/v1beta1
images: [{ name: cr.acme.dev/shop/api, newTag: 1.10 }]
`

/** The command line in a folder with these files; a name with a slash lies in a folder. */
async function folderWith(files) {
  const portreeve = await commandLine({})
  for (const [name, text] of Object.entries(files)) {
    const file = join(portreeve.folder, name)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  return portreeve
}

const names = ({ uses }) => uses.map(({ reference, digest, config, unresolved }) => reference ?? digest ?? config ?? unresolved)

test("kubectl's output becomes a report without a secret in it, in a file or for the next command", async () => {
  const portreeve = await folderWith({ 'pods.json': WORKLOADS, 'flux.json': GITOPS })
  const report = JSON.parse(await told(portreeve, ['report', 'reduce', '--kind', 'images', 'pods.json', 'flux.json'], 0))
  assert.equal(report.format, 'portreeve.report/1')
  assert.equal(report.uses.length, 47)
  assert.doesNotMatch(JSON.stringify(report), /hunter2/)
  const said = await told(portreeve, ['report', 'reduce', '--kind', 'images', 'pods.json', 'flux.json', '--out', 'k8s.json'], 0)
  assert.match(said, /^k8s.json: 47 images in use, as of 20/)
  assert.deepEqual(JSON.parse(readFileSync(join(portreeve.folder, 'k8s.json'), 'utf8')), report)
  // of several clusters each is reduced where it is
  const merged = await told(portreeve, ['report', 'reduce', '--kind', 'images', 'k8s.json', 'k8s.json', '--json'], 0)
  assert.deepEqual(merged, report)
})

test('what is not understood is told of beside the report', async () => {
  const portreeve = await folderWith({ 'flux.json': GITOPS })
  const { stderr } = await portreeve('report', 'reduce', '--kind', 'images', 'flux.json')
  assert.match(stderr, /unresolved the chart lost of HelmRepository nowhere in shop.*helmrelease\/lost in shop/)
})

test('a report is as old as the oldest file it is made from', async () => {
  const portreeve = await folderWith({ 'old.txt': 'alpine\n', 'new.txt': 'busybox\n' })
  utimesSync(join(portreeve.folder, 'old.txt'), new Date(), new Date('2026-11-24T08:00:00Z'))
  const reduce = (...args) => told(portreeve, ['report', 'reduce', '--kind', 'images', '--json', ...args], 0)
  assert.equal((await reduce('new.txt', 'old.txt')).takenAt, '2026-11-24T08:00:00Z')
  const at = '2026-11-23T08:00:00Z'
  assert.equal((await reduce('new.txt', '--taken-at', at)).takenAt, at)
  await failsWith(portreeve, ['report', 'reduce', '--kind', 'images', 'new.txt', '--taken-at', 'today'], 2, 'invalid_argument', /today/)
})

test('standard input is JSON, YAML or lines', async () => {
  const portreeve = await folderWith({})
  const reduce = async (input, ...args) => {
    const { code, stdout, stderr } = await inShell(portreeve, `portreeve report reduce --kind ${args.join(' ')}`, { input })
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }
  assert.equal((await reduce(WORKLOADS, 'images')).uses.length, 27)
  const expected = ['cr.acme.dev/shop/api:1.10', 'cr.acme.dev/shop/web:v1']
  assert.deepEqual(names(await reduce(DEPLOYMENT, 'images', '-')), expected)
  assert.deepEqual((await reduce('12\n7\n', 'strings')).strings, ['12', '7'])
})

test('a folder is scanned for manifests, and what cannot be read in it is not passed over', async () => {
  const portreeve = await folderWith({
    'gitops/apps/web.yaml': DEPLOYMENT,
    'gitops/package.json': '{ "name": "gitops", "image": "nothing" }',
    'gitops/README.md': 'image: nothing',
    'gitops/.git/config.yaml': 'kind: [',
    'gitops/flux.json': GITOPS,
  })
  const reduce = ['report', 'reduce', '--kind', 'images', 'gitops', '--json']
  const report = await told(portreeve, reduce, 0)
  assert.equal(report.uses.length, 22)
  assert.ok(names(report).includes('cr.acme.dev/shop/api:1.10'), 'a tag is no number')
  assert.doesNotMatch(JSON.stringify(report), /hunter2|nothing/)
  mkdirSync(join(portreeve.folder, 'gitops/chart/templates'), { recursive: true })
  writeFileSync(join(portreeve.folder, 'gitops/chart/templates/web.yaml'), 'image: {{ .Values.image }}:{{ .x }}\n')
  await failsWith(portreeve, reduce, 2, 'invalid_argument', /templates.web\.yaml.*--skip-unreadable/s)
  const { code, stdout, stderr } = await portreeve(...reduce, '--skip-unreadable')
  assert.equal(code, 0)
  assert.match(stderr, /left out .*web\.yaml/)
  assert.deepEqual(JSON.parse(stdout).uses, report.uses)
})

test('what is no report says in which file, and what to do', async () => {
  const portreeve = await folderWith({ 'good.json': WORKLOADS, 'bad.json': '{"kind":"Status","apiVersion":"v1"}', 'empty.json': '', 'odd.yaml': 'a: [' })
  const fails = (args, hint) => failsWith(portreeve, ['report', 'reduce', ...args], 2, 'invalid_argument', hint)
  await fails(['--kind', 'images', 'good.json', 'bad.json'], /^bad\.json: .*did the command fail/)
  await fails(['--kind', 'images', 'empty.json'], /^empty\.json: .*a command that failed/)
  await fails(['--kind', 'images', 'odd.yaml'], /^odd\.yaml: /)
  await fails(['--kind', 'images', 'none.json'], /none\.json: there is no such file/)
  await fails(['--kind', 'strings', '.'], /is a folder/)
  await fails(['--kind', 'strings', 'good.json'], /a report of strings is/)
})
