// The flags about how a registry is reached.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { certificateAuthority } from '../support/certificates.mjs'
import { commandLineTest, failsWith, told } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'
import { startProxy, startTlsFront } from '../support/network.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const here = commandLineTest()

/** The command line where `registry.test` is the demo registry behind TLS that an unknown authority signed. */
async function behindTls(t) {
  const authority = certificateAuthority()
  const front = await startTlsFront(here.registry, authority.sign(['registry.test']))
  const proxy = await startProxy({ 'registry.test:443': front.host })
  t.after(() => Promise.all([front.stop(), proxy.stop()]))
  const cli = await commandLine({ env: { HTTPS_PROXY: proxy.url, NO_PROXY: '' } })
  writeFileSync(join(cli.folder, 'ca.pem'), authority.certificate)
  return { cli, proxy }
}

test('a certificate that nobody trusts is refused, and taken with --ca or --insecure', async (t) => {
  const { cli, proxy } = await behindTls(t)
  await failsWith(cli, ['tags', 'registry.test/shop/web'], 1, 'unreachable', /certificate|--ca/)
  for (const flags of [['--ca', 'ca.pem'], ['--insecure']]) {
    const { tags } = await told(cli, ['tags', 'registry.test/shop/web', ...flags, '--json'], 0)
    assert.ok(tags.length > 10)
  }
  assert.ok(proxy.requests.every((request) => request === 'CONNECT registry.test:443'), proxy.requests.join())
  await failsWith(cli, ['tags', 'registry.test/shop/web', '--ca', 'nowhere.pem'], 2, 'invalid_argument', /nowhere\.pem/)
})

test('flags of every verb stand before it or after it', async () => {
  const args = ['digest', '@demo/shop/web:v1.4.2']
  for (const line of [
    ['--json', ...args],
    [...args, '--json'],
    ['--config', join(here.portreeve.folder, 'portreeve.json'), ...args, '--json'],
  ]) {
    assert.equal(JSON.parse((await here.portreeve(...line)).stdout).format, 'portreeve.digest/1', line.join(' '))
  }
})

test('--plain-http is needed for hosts of other machines alone', async (t) => {
  const proxy = await startProxy({ 'registry.test:80': here.registry.host })
  t.after(() => proxy.stop())
  const cli = await commandLine({ env: { HTTP_PROXY: proxy.url, NO_PROXY: '' } })
  const { tags } = await told(cli, ['tags', 'registry.test/shop/web', '--plain-http', '--json'], 0)
  assert.ok(tags.length > 10)
})

test('--debug tells of every request on standard error, and of no secret', async (t) => {
  const locked = await startDemoRegistry(['--profile', 'bearer'])
  t.after(() => locked.stop())
  const cli = await commandLine()
  const auth = Buffer.from('demo:demo-password').toString('base64')
  writeFileSync(join(cli.folder, 'config.json'), JSON.stringify({ auths: { [locked.host]: { auth } } }))
  // what looked whether the server is up
  await fetch(`${locked.url}/_demo/requests`, { method: 'DELETE' })
  const { code, stdout, stderr } = await cli('tags', `${locked.host}/shop/web`, '--debug', '--json')
  assert.equal(code, 0, stderr)
  assert.equal(JSON.parse(stdout).format, 'portreeve.tags/1')
  assert.match(stderr, /^1 > GET http:\/\/127\.0\.0\.1:\d+\/v2\/shop\/web\/tags\/list/m)
  assert.match(stderr, /^1 < 401, \d+ ms/m)
  assert.match(stderr, /^\d+ < 200, \d+ ms/m)
  for (const secret of ['demo-password', auth]) assert.ok(!stderr.includes(secret))
  const { requests } = await (await fetch(`${locked.url}/_demo/requests`)).json()
  assert.equal(stderr.match(/^\d+ > /gm).length, requests.length)
})

test('the proxy of the environment is used by every verb that deletes, too', async (t) => {
  const { cli, proxy } = await behindTls(t)
  const page = await told(cli, ['delete', 'registry.test/shop/api:stable', '--dry-run', '--ca', 'ca.pem'], 0)
  assert.match(page, /^Host +registry\.test$/m)
  assert.ok(proxy.requests.length > 0)
})

