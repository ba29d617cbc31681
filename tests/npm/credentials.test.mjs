// `dockerCredentials` of portreeve/node: files, variables and helper programs, each a fake one here.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { before, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

import { commandLine } from '../support/command_line.mjs'
import { installPackage } from '../support/package.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'

const HOST = 'registry.acme.dev'
const SECRET = 'PLANTED-SECRET'
const user = (username, password = SECRET) => ({ username, password })
const auth = (username, password = SECRET) => ({ auth: Buffer.from(`${username}:${password}`).toString('base64') })

let api
let folder

before(async () => {
  const installed = await installPackage()
  writeFileSync(join(installed, 'api.mjs'), "export * from 'portreeve'\nexport * from 'portreeve/node'\n")
  api = await import(pathToFileURL(join(installed, 'api.mjs')))
})
beforeEach(() => {
  folder = temporaryFolder('credentials')
})

/** Writes a file of the test's folder, and gives its path. */
function file(path, content) {
  const at = join(folder, path)
  mkdirSync(join(at, '..'), { recursive: true })
  writeFileSync(at, typeof content === 'string' ? content : JSON.stringify(content))
  return at
}

/** A program `docker-credential-<name>`; `body` sees `input`, the address it was asked for. */
function helper(name, body) {
  const text = `#!${process.execPath}
const fs = require('node:fs')
const input = fs.readFileSync(0, 'utf8').trim()
fs.appendFileSync(${JSON.stringify(join(folder, 'asked'))}, [process.argv.slice(2).join(' '), input].join(' ') + '\\n')
const say = (value) => process.stdout.write(typeof value === 'string' ? value : JSON.stringify(value))
${body}
`
  const path = file(`bin/docker-credential-${name}`, text)
  chmodSync(path, 0o755)
}

const asked = () => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : [])

/** Looks up with the test's folder as home, and with these variables alone. */
function lookUp(host = HOST, { env = {}, ...options } = {}) {
  const PATH = [join(folder, 'bin'), process.env.PATH].join(delimiter)
  return api.dockerCredentials({ env: { HOME: folder, PATH, ...env }, ...options })(host)
}

const credentialOf = async (...args) => (await lookUp(...args)).credential

/** The error of a look-up, which shows no secret. */
async function failure(...args) {
  const error = await lookUp(...args).then(
    (found) => assert.fail(`it found ${JSON.stringify(found)}`),
    (error) => error,
  )
  assert.ok(error instanceof api.RegistryError, String(error))
  assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes(SECRET), error.message)
  return error
}

test('every place is looked into, the nearest first', async () => {
  const config = (name) => ({ auths: { [HOST]: auth(name) } })
  const places = [
    ['~/.config', () => file('.config/containers/auth.json', config('~/.config')), {}],
    ['XDG_CONFIG_HOME', () => file('xdg/containers/auth.json', config('XDG_CONFIG_HOME')), { XDG_CONFIG_HOME: join(folder, 'xdg') }],
    ['XDG_RUNTIME_DIR', () => file('run/containers/auth.json', config('XDG_RUNTIME_DIR')), { XDG_RUNTIME_DIR: join(folder, 'run') }],
    ['~/.docker', () => file('.docker/config.json', config('~/.docker')), {}],
    ['DOCKER_CONFIG', () => file('docker/config.json', config('DOCKER_CONFIG')), { DOCKER_CONFIG: join(folder, 'docker') }],
    ['REGISTRY_AUTH_FILE', () => file('auth.json', config('REGISTRY_AUTH_FILE')), { REGISTRY_AUTH_FILE: join(folder, 'auth.json') }],
    ['DOCKER_AUTH_CONFIG', () => {}, { DOCKER_AUTH_CONFIG: JSON.stringify(config('DOCKER_AUTH_CONFIG')) }],
    ['PORTREEVE', () => {}, { PORTREEVE_USERNAME_REGISTRY_ACME_DEV: 'PORTREEVE', PORTREEVE_PASSWORD_REGISTRY_ACME_DEV: SECRET }],
  ]
  const env = {}
  assert.deepEqual(await lookUp(), { repositories: {} })
  for (const [name, write, variables] of places) {
    write()
    Object.assign(env, variables)
    const found = await lookUp(HOST, { env })
    assert.deepEqual(found.credential ?? found, user(name), name)
    assert.equal((await lookUp('other.acme.dev', { env })).credential, undefined)
  }
  const given = file('given.json', config('given'))
  const options = { files: [join(folder, 'missing.json'), given] }
  assert.deepEqual(await credentialOf(HOST, options), user('given'))
})

test('a variable is for one host alone', async () => {
  for (const [host, name] of [
    ['ghcr.io', 'GHCR_IO'],
    ['my-registry.acme.dev', 'MY__REGISTRY_ACME_DEV'],
    ['127.0.0.1:5000', '127_0_0_1_5000'],
  ]) {
    const env = { [`PORTREEVE_TOKEN_${name}`]: SECRET }
    assert.deepEqual(await lookUp(host, { env }), { token: SECRET })
    assert.deepEqual(await lookUp('my.registry.acme.dev', { env }), { repositories: {} })
  }
  const error = await failure('ghcr.io', { env: { PORTREEVE_PASSWORD_GHCR_IO: SECRET } })
  assert.equal(error.code, 'invalid_configuration')
  assert.match(error.message, /PORTREEVE_USERNAME_GHCR_IO is not/)
})

test("an entry is for whom it names: a host, Docker Hub's many names, or Podman's repositories", async () => {
  const config = {
    auths: {
      'https://index.docker.io/v1/': auth('hub'),
      'quay.io': auth('quay'),
      'quay.io/team': auth('team'),
      'quay.io/team/web': { identitytoken: SECRET },
      'azure.io': { auth: auth('00000000').auth, identitytoken: SECRET },
      'raw.io': { registrytoken: SECRET },
    },
  }
  const options = { files: [file('config.json', config)] }
  for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io']) {
    assert.deepEqual(await credentialOf(host, options), user('hub'), host)
  }
  assert.deepEqual(await lookUp('quay.io', options), {
    credential: user('quay'),
    repositories: { team: user('team'), 'team/web': { identityToken: SECRET } },
  })
  assert.deepEqual(await credentialOf('azure.io', options), { identityToken: SECRET })
  assert.deepEqual(await credentialOf('raw.io', options), { token: SECRET })
})

test('a helper is asked by the documented protocol', async () => {
  helper('fake', `say({ ServerURL: input, Username: 'of ' + input, Secret: ${JSON.stringify(SECRET)} })`)
  const options = { files: [file('config.json', { credHelpers: { [HOST]: 'fake' } })] }
  assert.deepEqual(await credentialOf(HOST, options), user(`of ${HOST}`))
  assert.deepEqual(asked(), [`get ${HOST}`])
  // only for its host
  assert.equal(await credentialOf('other.dev', options), undefined)
  assert.equal(asked().length, 1)
})

test('a common helper is asked for every host, and what it does not know is looked for on', async () => {
  helper('store', `process.exitCode = 1; say('credentials not found in native keychain\\n')`)
  const config = { credsStore: 'store', auths: { [HOST]: auth('in the file'), 'empty.dev': {} } }
  const options = { files: [file('config.json', config), file('auth.json', { auths: { 'empty.dev': auth('next file') } })] }
  assert.deepEqual(await credentialOf(HOST, options), user('in the file'))
  assert.deepEqual(await credentialOf('empty.dev', options), user('next file'))
  assert.equal(await credentialOf('docker.io', options), undefined)
  assert.deepEqual(asked(), [`get ${HOST}`, 'get empty.dev', 'get https://index.docker.io/v1/', 'get docker.io'])
})

test('a helper goes before what the file itself holds', async () => {
  helper('store', `say({ Username: 'stored', Secret: ${JSON.stringify(SECRET)} })`)
  const config = { credsStore: 'store', auths: { [HOST]: auth('stale') } }
  assert.deepEqual(await credentialOf(HOST, { files: [file('config.json', config)] }), user('stored'))
})

test('the user `<token>` marks an identity token', async () => {
  helper('fake', `say({ Username: '<token>', Secret: ${JSON.stringify(SECRET)} })`)
  const options = { files: [file('config.json', { credsStore: 'fake' })] }
  assert.deepEqual(await credentialOf(HOST, options), { identityToken: SECRET })
})

test('a helper that does not answer is ended, and said so', async () => {
  const pid = join(folder, 'pid')
  helper('slow', `fs.writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setInterval(() => {}, 1000)`)
  const options = { files: [file('config.json', { credsStore: 'slow' })], helperTimeout: 1_000 }
  const error = await failure(HOST, options)
  assert.equal(error.code, 'timeout')
  assert.match(error.message, /docker-credential-slow did not answer for registry\.acme\.dev within 1 s/)
  if (existsSync(pid)) await ended(Number(readFileSync(pid, 'utf8')))
})

async function ended(pid) {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await pause(20)
  }
}

test('a helper that fails is quoted, unless that could be a secret', async () => {
  for (const [body, words] of [
    [`process.exitCode = 1; say('the keychain is\\u001b[2J locked\\nmore')`, /failed for registry\.acme\.dev: the keychain is \[2J locked$/],
    [`process.exitCode = 1; console.error('no session bus')`, /no session bus$/],
    [`process.exitCode = 3`, /it ended with 3$/],
    [`process.kill(process.pid, 'SIGKILL')`, /a signal$/],
    [`process.exitCode = 1; say({ Username: 'x', Secret: ${JSON.stringify(SECRET)} })`, /it ended with 1$/],
    [`say('${SECRET}')`, /no credential$/],
    [`say(JSON.stringify('${SECRET}'))`, /no credential$/],
    [`say('null')`, /no credential$/],
    [`say({ Username: 7, Secret: ${JSON.stringify(SECRET)} })`, /no credential$/],
    [`say('${SECRET}'.repeat(200_000))`, /more than a credential$/],
  ]) {
    helper('bad', body)
    const error = await failure(HOST, { files: [file('config.json', { credsStore: 'bad' })] })
    assert.equal(error.code, 'invalid_configuration', body)
    assert.match(error.message, words)
  }
})

test('a helper that says nothing of a secret knows none', async () => {
  helper('empty', `say({ Username: '', Secret: '' })`)
  assert.equal(await credentialOf(HOST, { files: [file('config.json', { credsStore: 'empty' })] }), undefined)
})

test("a helper's name is never a path, nor anything to a shell", async () => {
  const stolen = join(folder, 'stolen')
  const evil = file('evil', `#!/bin/sh\ntouch ${stolen}\n`)
  chmodSync(evil, 0o755)
  mkdirSync(join(folder, 'docker-credential-'), { recursive: true })
  for (const name of ['/../evil', `x/../../evil`, evil, `x;touch ${stolen}`, `$(touch ${stolen})`, `x y`, '..', '-x', 'x\0y', '..\\evil']) {
    const error = await failure(HOST, { files: [file('config.json', { credHelpers: { [HOST]: name } })] })
    assert.equal(error.code, 'invalid_configuration')
    assert.match(error.message, /which is not the end of a program's name/)
  }
  assert.ok(!existsSync(stolen))
})

test('a helper that is not installed is told where nothing else knows the host', async () => {
  const config = { credsStore: 'nowhere', auths: { 'known.dev': auth('in the file') } }
  const options = { files: [file('config.json', config), file('auth.json', { auths: { 'next.dev': auth('next file') } })] }
  assert.deepEqual(await credentialOf('known.dev', options), user('in the file'))
  assert.deepEqual(await credentialOf('next.dev', options), user('next file'))
  const error = await failure(HOST, options)
  assert.match(error.message, /docker-credential-nowhere, which .*config\.json names for registry\.acme\.dev, is not on the PATH/)
})

test('a broken file is named, and nothing of it shown', async () => {
  for (const [content, words] of [
    [`{"auths": "${SECRET}"}`, /it is no docker configuration \(line 1, column \d+\)/],
    [`{"auths": {"${HOST}": {"auth": "${SECRET}"}}}`, /not the base64 of user:password/],
    [SECRET, /no docker configuration/],
    ['', /no docker configuration/],
  ]) {
    const path = file('config.json', content)
    const error = await failure(HOST, { files: [path] })
    assert.equal(error.code, 'invalid_configuration')
    assert.ok(error.message.startsWith(`${path}: `), error.message)
    assert.match(error.message, words)
    const variable = await failure(HOST, { env: { DOCKER_AUTH_CONFIG: content || ' ' } })
    assert.ok(variable.message.startsWith('DOCKER_AUTH_CONFIG: '), variable.message)
  }
  mkdirSync(join(folder, 'a-folder'))
  const error = await failure(HOST, { files: [join(folder, 'a-folder')] })
  assert.match(error.message, /cannot be read: .*check who may read the file/)
})

test('on the command line a public image runs no helper, and a private one runs it once', async (t) => {
  const [open, locked] = await Promise.all([
    startDemoRegistry(['--profile', 'bearer']),
    startDemoRegistry(['--profile', 'basic']),
  ])
  t.after(() => Promise.all([open.stop(), locked.stop()]))
  helper('fake', `say({ Username: 'demo', Secret: 'demo-password' })`)
  const PATH = [join(folder, 'bin'), process.env.PATH].join(delimiter)
  const portreeve = await commandLine({ env: { PATH } })
  writeFileSync(join(portreeve.folder, 'config.json'), JSON.stringify({ credsStore: 'fake' }))
  const read = async ({ host }) => {
    const { code, stderr } = await portreeve('tags', `${host}/shop/web`)
    assert.equal(code, 0, stderr)
  }
  await read(open)
  assert.deepEqual(asked(), [])
  await read(locked)
  assert.deepEqual(asked(), [`get ${locked.host}`])
})
