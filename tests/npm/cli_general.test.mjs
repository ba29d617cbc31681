// What holds for every verb of the command line: configuration, credentials, errors, help, pipes,
// interrupts.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { atTerminal, commandLineTest, configuration, failsWith, inShell, POLICY } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const here = commandLineTest()
const { succeeds, fails } = here

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
  const { details } = await failsWith(broken, ['config', 'check'], 2, 'invalid_configuration', /portreeve\.json/)
  const paths = details.map(({ path }) => path)
  for (const path of ['$.version', '$.upstream', '$.jobs.a.policy']) assert.ok(paths.includes(path), path)
  const { stderr } = await broken('plan')
  for (const path of paths) assert.ok(stderr.includes(path), path)
  const text = await commandLine({ configuration: '{ "version": 1,' })
  await failsWith(text, ['config', 'check'], 2, 'invalid_configuration', /line 1/)
})

test('--config names the file after any verb; without any file it is said how to name one', async () => {
  const elsewhere = await commandLine()
  const file = join(here.portreeve.folder, 'portreeve.json')
  for (const verb of [
    ['config', 'check'],
    ['plan', 'shop'],
    ['tags', '@demo/shop/web'],
  ]) {
    const { code, stderr } = await elsewhere(...verb, '--config', file)
    assert.equal(code, 0, stderr)
  }
  await failsWith(elsewhere, ['plan', 'shop'], 2, 'invalid_configuration', /--config FILE/)
})

test('a field that is not carried out fails whoever uses it', async () => {
  const cli = await commandLine({ configuration: configuration(here.registry.host, { budget: { requestsPerHour: 10 } }) })
  await failsWith(cli, ['plan', 'shop'], 1, 'unsupported', /budget/)
  await failsWith(cli, ['tags', '@demo/shop/web'], 1, 'unsupported', /budget/)
  const { code, stderr } = await cli('config', 'check')
  assert.equal(code, 0)
  assert.match(stderr, /unsupported \$\.upstreams\.demo\.budget/)
})

test('bad references and missing tags are told apart', async () => {
  await fails(['tags', 'not a reference'], 2, 'invalid_reference', /expected/)
  await fails(['tags', 'https://cr.acme.dev/a/b'], 2, 'invalid_argument', /is a URL: write cr\.acme\.dev\/a\/b$/m)
  await fails(['repos', 'http://cr.acme.dev'], 2, 'invalid_argument', /write cr\.acme\.dev, and say --plain-http/)
  await fails(['manifest', `${here.registry.host}/shop/web@sha256:12`], 2, 'invalid_reference', /64/)
  await fails(['manifest', `${here.registry.host}/shop/web:v0`], 4, 'not_found', /list the tags/)
  await fails(['tags', `${here.registry.host}/no/such`], 4, 'not_found', /no\/such/)
  await fails(['tags', '127.0.0.1:1/shop/web'], 1, 'unreachable', /127\.0\.0\.1:1/)
})

test('a wrong verb, argument or flag ends with 2 and names the help', async () => {
  for (const args of [['bogus'], ['tags'], ['tags', 'a', '--nope'], []]) {
    const { code, stderr } = await here.portreeve(...args)
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
  await failsWith(docker, ['tags', `${locked.host}/shop/web`], 3, 'unauthorized', /log|password|credential/i)
  login('wrong')
  const { message } = await failsWith(docker, ['tags', `${locked.host}/shop/web`], 3, 'unauthorized', /password/)
  assert.ok(!message.includes('wrong"') && !message.includes('ZGVtbzp3cm9uZw'))
  login('demo-password')
  assert.equal((await docker('tags', `${locked.host}/shop/web`)).code, 0)
  const credential = { username: 'DEMO_USER', password: 'DEMO_PASSWORD' }
  const named = configuration(locked.host, { credentials: { read: credential, delete: credential } })
  const unset = await commandLine({ configuration: named })
  await failsWith(unset, ['plan', 'shop'], 2, 'invalid_configuration', /DEMO_USER/)
  const set = await commandLine({ configuration: named, env: { DEMO_USER: 'demo', DEMO_PASSWORD: 'demo-password' } })
  assert.equal((await set('plan', 'shop')).code, 0)
})

test('colours come only where they are wanted', async () => {
  const escape = '\u001b['
  const coloured = await commandLine({
    configuration: configuration(here.registry.host),
    env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
  })
  assert.ok((await coloured('plan', 'shop')).stdout.includes(escape))
  assert.ok(!(await here.portreeve('plan', 'shop')).stdout.includes(escape))
  assert.ok(!(await coloured('plan', 'shop', '--json')).stdout.includes(escape))
})

test('a reader that closes the pipe is no failure', async () => {
  for (const line of ['plan shop --json', `tags ${here.registry.host}/shop/web`, 'completion bash', '--help']) {
    const { code, stdout, stderr } = await inShell(here.portreeve, `portreeve ${line} | head -n 1; portreeve ${line} | true`)
    assert.equal(code, 0)
    assert.equal(stderr, '', line)
    assert.equal(stdout.trimEnd().split('\n').length, 1, line)
  }
})

test('a closed standard error is no failure either', async () => {
  const { code, stdout } = await inShell(here.portreeve, '(portreeve tags @demo/no/such; echo $?) 2>&1 >&3 3>&- | true', { })
  assert.equal(code, 0, stdout)
})

for (const [verb, ...rest] of [['tags'], ['inspect'], ['tags', '--with', 'digest'], ['plan', '--policy', 'policy.json']]) {
  test(`Ctrl-C ends ${[verb, ...rest].join(' ')} at once with 130 and nothing half-said`, async (t) => {
    const slow = await startDemoRegistry()
    t.after(() => slow.stop())
    const hang = { method: 'GET', path: '/v2/**', hang: true, times: 0 }
    await fetch(`${slow.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(hang) })
    writeFileSync(join(here.portreeve.folder, 'policy.json'), JSON.stringify(POLICY))
    const child = spawn(process.execPath, [here.portreeve.program, verb, `${slow.host}/shop/web`, ...rest], {
      cwd: here.portreeve.folder,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
    const asked = async () => {
      const { requests } = await (await fetch(`${slow.url}/_demo/requests`)).json()
      return requests.some(({ target }) => target.includes('shop/web'))
    }
    while (!(await asked())) await new Promise((done) => setTimeout(done, 20))
    child.kill('SIGINT')
    const code = await new Promise((done) => child.on('close', done))
    assert.equal(code, 130)
    assert.equal(said, '')
  })
}

test('Ctrl-C at a terminal takes the line of progress away', async (t) => {
  const slow = await startDemoRegistry()
  t.after(() => slow.stop())
  const delay = { method: 'HEAD', path: '/v2/**', delayMilliseconds: 400, times: 0 }
  await fetch(`${slow.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(delay) })
  const interrupt = (said) => (/requests/.test(said) ? '\u0003' : undefined)
  const { code, raw } = await atTerminal(here.portreeve, ['delete', `${slow.host}/shop/api:stable`, '--dry-run'], { answer: interrupt })
  assert.equal(code, 130)
  assert.match(raw, /looking for what shows .*: \d+ requests?/)
  assert.ok(raw.replace(/\^C/, '').endsWith('\u001b[2K'), JSON.stringify(raw.slice(-80)))
})
