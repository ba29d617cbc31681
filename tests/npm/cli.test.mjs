// The command line as it is installed, against the demo registry.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { commandLine } from '../support/command_line.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const POLICY = {
  minimumAge: '48h',
  keep: [{ name: 'releases', tags: { regex: 'v[0-9.]+' } }],
  delete: [{ name: 'closed prs', tags: 'pr-*', olderThan: { pushed: '7d' } }],
}

let registry
let portreeve

before(async () => {
  registry = await startDemoRegistry()
  portreeve = await commandLine({ configuration: configuration(registry.host) })
})
after(() => registry?.stop())

function configuration(host, upstream = {}) {
  return {
    version: 1,
    upstreams: { demo: { host, credentials: { read: 'anonymous', delete: 'anonymous' }, ...upstream } },
    policies: { shop: POLICY },
    jobs: { shop: { repositories: ['demo/shop/web'], policy: 'shop', limits: { repository: { share: '60%' } } } },
  }
}

/** Runs it and expects this exit code; answers its standard output, parsed where it is JSON. */
async function succeeds(...args) {
  const { code, stdout, stderr } = await portreeve(...args)
  assert.equal(code, 0, stderr)
  return args.includes('--json') ? JSON.parse(stdout) : stdout
}

/** Runs it and expects a failure with this exit code and error code, said to people and to programs. */
async function fails(run, args, exit, code, hint) {
  const { code: status, stdout, stderr } = await run(...args, '--json')
  assert.equal(status, exit, stderr)
  const { format, error } = JSON.parse(stdout)
  assert.equal(format, 'portreeve.error/1')
  assert.equal(error.code, code)
  assert.match(error.message, hint)
  assert.match(stderr, /^error /)
  return error
}

test('tags lists what curl lists, for people and for programs', async () => {
  const { tags } = await (await fetch(`${registry.url}/v2/shop/web/tags/list`)).json()
  const listed = await succeeds('tags', `${registry.host}/shop/web`, '--json')
  assert.deepEqual([listed.format, listed.complete], ['portreeve.tags/1', true])
  assert.deepEqual(
    listed.tags.map(({ name }) => name),
    tags,
  )
  const [head, ...rows] = (await succeeds('tags', `${registry.host}/shop/web`)).trimEnd().split('\n')
  assert.match(head, /^DIGEST +PUSHED .* TAG$/)
  assert.deepEqual(
    rows.map((row) => row.split(' ').at(-1)),
    tags,
  )
})

test('an upstream of the configuration is written @upstream', async () => {
  const [one, other] = [
    await succeeds('tags', '@demo/shop/web', '--json'),
    await succeeds('tags', `${registry.host}/shop/web`, '--json'),
  ]
  assert.deepEqual(one, other)
  await fails(portreeve, ['tags', '@nobody/shop/web'], 4, 'not_found', /upstreams/)
})

test('manifest prints the bytes of which the digest is', async () => {
  const { digest, mediaType } = await succeeds('manifest', '@demo/shop/web:v1.4.2', '--json')
  const bytes = await succeeds('manifest', '@demo/shop/web:v1.4.2')
  assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest)
  assert.equal(mediaType, JSON.parse(bytes).mediaType)
  assert.equal(await succeeds('manifest', `@demo/shop/web@${digest}`), bytes)
})

test('nothing that a registry says steers the terminal', async (t) => {
  const hostile = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name: 'shop/web', tags: ['v1\u001b]0;owned\u0007', 'v2\u001b[2K\rv3', 'v4\u009b8m'] }))
  })
  await new Promise((resolve) => hostile.listen(0, '127.0.0.1', resolve))
  t.after(() => hostile.close())
  const { stdout } = await portreeve('tags', `127.0.0.1:${hostile.address().port}/shop/web`)
  assert.match(stdout, /v1/)
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})

test('inspect shows platforms, labels and what is attached', async () => {
  const image = await succeeds('inspect', '@demo/shop/web:v1.4.0', '--json')
  assert.equal(image.format, 'portreeve.inspect/1')
  assert.equal(image.platforms.length, 2)
  assert.ok(image.referrers.length > 0)
  const page = await succeeds('inspect', '@demo/shop/web:v1.4.0')
  for (const word of ['linux/amd64', 'linux/arm64', 'org.opencontainers.image', 'ATTACHED'])
    assert.ok(page.includes(word), word)
})

test('plan says in a table and in a document what would go', async () => {
  const plan = await succeeds('plan', 'shop', '--json')
  assert.equal(plan.format, 'portreeve.plan/1')
  assert.ok(plan.summary.delete.groups > 0)
  const page = await succeeds('plan')
  assert.match(page, /delete +[1-9]/)
  assert.match(page, /rule "closed prs"/)
  assert.match(page, /rule "releases"/)
  assert.match(page, /portreeve plan --out plan.json/)
})

test('what a verb says to type next names the configuration that it was given', async () => {
  const file = join(portreeve.folder, 'portreeve.json')
  const said = await succeeds('plan', 'shop', '--out', 'next.json', '--config', file)
  assert.ok(said.split('\n').includes(`  portreeve apply next.json --config ${file}`), said)
})

test('plan ends with 5 where something would go, if asked to', async () => {
  assert.equal((await portreeve('plan', 'shop', '--exit-code')).code, 5)
  assert.equal((await portreeve('plan', 'shop', '--exit-code', '--now', '2000-01-01T00:00:00Z')).code, 0)
})

test('plan --now gives the same hash each time, and cannot be applied', async () => {
  const at = ['plan', 'shop', '--now', '2030-01-01T00:00:00Z', '--json']
  const [one, other] = [await succeeds(...at), await succeeds(...at, '--out', 'simulated.json')]
  assert.equal(one.repositories[0].hash, other.repositories[0].hash)
  assert.ok(one.simulated)
  await fails(portreeve, ['apply', 'simulated.json', '--yes'], 1, 'refused', /simulated|another time/)
  await fails(portreeve, ['plan', 'shop', '--now', 'tomorrow'], 2, 'invalid_argument', /2026-12-24T00:00:00Z/)
})

test('plan takes a repository and a policy of a file', async () => {
  writeFileSync(join(portreeve.folder, 'policy.json'), JSON.stringify(POLICY))
  const adHoc = await succeeds('plan', `${registry.host}/shop/web`, '--policy', 'policy.json', '--json')
  assert.deepEqual(adHoc.summary.delete, (await succeeds('plan', 'shop', '--json')).summary.delete)
  writeFileSync(join(portreeve.folder, 'policy.json'), '{ "delete": [{ "name": "x", "tags": "[" }] }')
  await fails(portreeve, ['plan', `${registry.host}/shop/web`, '--policy', 'policy.json'], 2, 'invalid_policy', /tags/)
})

test('apply asks where it can, deletes with --yes, and restore brings all of it back', async () => {
  const before = await succeeds('tags', '@demo/shop/web', '--json')
  const plan = await succeeds('plan', 'shop', '--json', '--out', 'plan.json')
  await fails(portreeve, ['apply', 'plan.json'], 2, 'invalid_argument', /--yes/)
  const run = await succeeds('apply', 'plan.json', '--yes', '--json')
  assert.equal(run.format, 'portreeve.run/1')
  assert.equal(run.state, 'done')
  const gone = plan.repositories[0].images.filter(({ verdict }) => verdict === 'delete')
  for (const { digest } of gone) {
    const { status } = await fetch(`${registry.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD' })
    assert.equal(status, 404, digest)
  }
  const state = join(portreeve.folder, '.portreeve', 'runs', run.run)
  assert.deepEqual(JSON.parse(readFileSync(join(state, 'plan.json'), 'utf8')), plan)
  assert.ok(existsSync(join(state, 'journal.jsonl')))
  assert.equal(readdirSync(join(state, 'backup')).length, plan.summary.delete.groups)
  const restored = await succeeds('restore', run.run, '--json')
  assert.ok(restored.whole)
  for (const { digest } of gone) {
    const { status } = await fetch(`${registry.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD' })
    assert.equal(status, 200, digest)
  }
  const names = ({ tags }) => tags.map(({ name }) => name).sort()
  assert.deepEqual(names(await succeeds('tags', '@demo/shop/web', '--json')), names(before))
})

test('a copy of the plan that cannot be kept does not end a run between two deletions', async (t) => {
  const own = await startDemoRegistry()
  t.after(() => own.stop())
  const run = await commandLine({ configuration: configuration(own.host) })
  const { stdout } = await run('plan', 'shop', '--json', '--out', 'plan.json')
  const { now, hash, repositories } = JSON.parse(stdout)
  const name = `${now.slice(0, 10).replaceAll('-', '')}-${hash.slice(0, 12)}`
  mkdirSync(join(run.folder, '.portreeve', 'runs', name, 'plan.json'), { recursive: true })
  await fails(run, ['apply', 'plan.json', '--yes'], 1, 'storage_failed', /plan\.json/)
  const journal = readFileSync(join(run.folder, '.portreeve', 'runs', name, 'journal.jsonl'), 'utf8')
  assert.match(journal, /"closed"\}\n$/)
  for (const { digest, verdict } of repositories[0].images) {
    const { status } = await fetch(`${own.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD' })
    assert.equal(status, verdict === 'delete' ? 404 : 200, digest)
  }
})

test('a plan that was edited is refused', async () => {
  const plan = await succeeds('plan', 'shop', '--json')
  const kept = plan.repositories[0].images.find(({ verdict }) => verdict === 'keep')
  kept.verdict = 'delete'
  writeFileSync(join(portreeve.folder, 'edited.json'), JSON.stringify(plan))
  await fails(portreeve, ['apply', 'edited.json', '--yes'], 2, 'invalid_argument', /make the plan again/)
  writeFileSync(join(portreeve.folder, 'edited.json'), 'no plan')
  await fails(portreeve, ['apply', 'edited.json', '--yes'], 2, 'invalid_argument', /is no plan.*portreeve plan --out/)
  await fails(portreeve, ['apply', 'nowhere.json', '--yes'], 2, 'invalid_argument', /there is no such file/)
  await fails(portreeve, ['restore', '20200101-000000000000'], 4, 'not_found', /back-ups/)
  const backups = join(portreeve.folder, '.portreeve', 'runs', '20200102-000000000000', 'backup')
  mkdirSync(backups, { recursive: true })
  writeFileSync(join(backups, 'cut.json'), '{ "format": "portreeve.ba')
  await fails(portreeve, ['restore', '20200102-000000000000'], 1, 'storage_failed', /cut.json is no back-up; bring/)
})

test('token create prints a token and its hash', async () => {
  const { token, tokenSha256 } = await succeeds('token', 'create', '--json')
  assert.equal(createHash('sha256').update(token).digest('hex'), tokenSha256)
  assert.notEqual((await succeeds('token', 'create', '--json')).token, token)
  assert.match(await succeeds('token', 'create'), /tokenSha256 {2}[0-9a-f]{64}\n[^]*docker login/)
})

test('config check says what is allowed', async () => {
  const described = await succeeds('config', 'check', '--json')
  assert.equal(described.format, 'portreeve.config/1')
  assert.deepEqual(
    described.jobs.map(({ name }) => name),
    ['shop'],
  )
  const page = await succeeds('config', 'check')
  assert.match(page, /shop: plans demo\/shop\/web by the policy shop/)
  assert.match(page, /demo \(127\.0\.0\.1:[0-9]+\): pulls, deletions/)
})

test('a broken portreeve.json is told of with every place', async () => {
  const broken = await commandLine({ configuration: { version: 2, upstream: {}, jobs: { a: { policy: 'none' } } } })
  const { details } = await fails(broken, ['config', 'check'], 2, 'invalid_configuration', /portreeve\.json/)
  const paths = details.map(({ path }) => path)
  for (const path of ['$.version', '$.upstream', '$.jobs.a.policy']) assert.ok(paths.includes(path), path)
  const { stderr } = await broken('plan')
  for (const path of paths) assert.ok(stderr.includes(path), path)
  const text = await commandLine({ configuration: '{ "version": 1,' })
  await fails(text, ['config', 'check'], 2, 'invalid_configuration', /line 1/)
})

test('--config names the file after any verb; without any file it is said how to name one', async () => {
  const elsewhere = await commandLine()
  const file = join(portreeve.folder, 'portreeve.json')
  for (const verb of [
    ['config', 'check'],
    ['plan', 'shop'],
    ['tags', '@demo/shop/web'],
  ]) {
    const { code, stderr } = await elsewhere(...verb, '--config', file)
    assert.equal(code, 0, stderr)
  }
  await fails(elsewhere, ['plan', 'shop'], 2, 'invalid_configuration', /--config FILE/)
})

test('a field that is not carried out fails whoever uses it', async () => {
  const cli = await commandLine({ configuration: configuration(registry.host, { budget: { requestsPerHour: 10 } }) })
  await fails(cli, ['plan', 'shop'], 1, 'unsupported', /budget/)
  await fails(cli, ['tags', '@demo/shop/web'], 1, 'unsupported', /budget/)
  const { code, stderr } = await cli('config', 'check')
  assert.equal(code, 0)
  assert.match(stderr, /unsupported \$\.upstreams\.demo\.budget/)
})

test('bad references and missing tags are told apart', async () => {
  await fails(portreeve, ['tags', 'not a reference'], 2, 'invalid_reference', /expected/)
  await fails(portreeve, ['manifest', `${registry.host}/shop/web@sha256:12`], 2, 'invalid_reference', /64/)
  await fails(portreeve, ['manifest', `${registry.host}/shop/web:v0`], 4, 'not_found', /list the tags/)
  await fails(portreeve, ['tags', `${registry.host}/no/such`], 4, 'not_found', /no\/such/)
  await fails(portreeve, ['tags', '127.0.0.1:1/shop/web'], 1, 'unreachable', /127\.0\.0\.1:1/)
})

test('a wrong verb, argument or flag ends with 2 and names the help', async () => {
  for (const args of [['bogus'], ['tags'], ['tags', 'a', '--nope'], []]) {
    const { code, stderr } = await portreeve(...args)
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, /--help|Usage/)
  }
})

test('help has examples for every verb', async () => {
  for (const verb of ['tags', 'manifest', 'inspect', 'plan', 'apply', 'restore']) {
    assert.match(await succeeds(verb, '--help'), /Examples:\n {2}\$ portreeve/, verb)
  }
  assert.match(await succeeds('--help'), /Exit codes:/)
  assert.match(await succeeds('--version'), /^[0-9]+\.[0-9]+\.[0-9]+\n$/)
})

test('a wrong password ends with 3; docker login and variables of the configuration give the right one', async (t) => {
  const locked = await startDemoRegistry(['--profile', 'basic'])
  t.after(() => locked.stop())
  const docker = await commandLine()
  const login = (password) => {
    const auth = Buffer.from(`demo:${password}`).toString('base64')
    writeFileSync(join(docker.folder, 'config.json'), JSON.stringify({ auths: { [locked.host]: { auth } } }))
  }
  await fails(docker, ['tags', `${locked.host}/shop/web`], 3, 'unauthorized', /log|password|credential/i)
  login('wrong')
  const { message } = await fails(docker, ['tags', `${locked.host}/shop/web`], 3, 'unauthorized', /password/)
  assert.ok(!message.includes('wrong"') && !message.includes('ZGVtbzp3cm9uZw'))
  login('demo-password')
  assert.equal((await docker('tags', `${locked.host}/shop/web`)).code, 0)
  const credential = { username: 'DEMO_USER', password: 'DEMO_PASSWORD' }
  const named = configuration(locked.host, { credentials: { read: credential, delete: credential } })
  const unset = await commandLine({ configuration: named })
  await fails(unset, ['plan', 'shop'], 2, 'invalid_configuration', /DEMO_USER/)
  const set = await commandLine({ configuration: named, env: { DEMO_USER: 'demo', DEMO_PASSWORD: 'demo-password' } })
  assert.equal((await set('plan', 'shop')).code, 0)
})

test('colours come only where they are wanted', async () => {
  const escape = '\u001b['
  const coloured = await commandLine({
    configuration: configuration(registry.host),
    env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
  })
  assert.ok((await coloured('plan', 'shop')).stdout.includes(escape))
  assert.ok(!(await portreeve('plan', 'shop')).stdout.includes(escape))
  assert.ok(!(await coloured('plan', 'shop', '--json')).stdout.includes(escape))
})

test('a reader that closes the pipe is no failure', async () => {
  const { code, stderr } = await ending('sh', [
    '-c',
    `"$0" "$@" | head -n 1`,
    process.execPath,
    portreeve.program,
    'plan',
    'shop',
    '--json',
  ])
  assert.equal(code, 0)
  assert.equal(stderr, '')
})

test('Ctrl-C ends it at once with 130', async (t) => {
  const slow = await startDemoRegistry()
  t.after(() => slow.stop())
  const hang = { method: 'GET', path: '/v2/**', hang: true, times: 0 }
  await fetch(`${slow.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(hang) })
  const child = spawn(process.execPath, [portreeve.program, 'tags', `${slow.host}/shop/web`], { stdio: 'ignore' })
  const asked = async () => {
    const { requests } = await (await fetch(`${slow.url}/_demo/requests`)).json()
    return requests.some(({ target }) => target.includes('tags/list'))
  }
  while (!(await asked())) await new Promise((done) => setTimeout(done, 20))
  const sent = Date.now()
  child.kill('SIGINT')
  const code = await new Promise((done) => child.on('exit', done))
  assert.equal(code, 130)
  assert.ok(Date.now() - sent < 1000)
})

function ending(command, args) {
  const child = spawn(command, args, { cwd: portreeve.folder, env: { ...process.env, NO_COLOR: '1' } })
  let stderr = ''
  child.stderr.on('data', (data) => (stderr += data))
  child.stdout.resume()
  return new Promise((done) => child.on('close', (code) => done({ code, stderr })))
}
