// What can go wrong, as whoever types a command or pulls through the Worker meets it: a code, an exit
// status, a message that says what to do, and nothing half done.
//
// The registry that hangs takes two minutes to be given up; everything else runs meanwhile.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { startBehindWorker } from '../support/behind_worker.mjs'
import { cleaningOf } from '../support/busy_repository.mjs'
import { clientsOf } from '../support/clients.mjs'
import { commandLine } from '../support/command_line.mjs'
import { fillForReading } from '../support/contents.mjs'
import { everyManifest, lookAt, tagsOf } from '../support/look.mjs'
import { needs } from '../support/peers.mjs'
import { startDemoRegistry, startDistribution, startDockerRegistry } from '../support/registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'
import { order } from '../support/shop.mjs'

const MANIFEST = '/v2/shop/web/manifests/v1.4.2'
const BLOBS = '/v2/shop/web/blobs/*'

describe('errors', { concurrency: true }, () => {
  let portreeve

  before(async () => {
    portreeve = await commandLine({ configuration: cleaningOf({ host: '127.0.0.1:9' }).configuration })
  })

  /** A demo registry of the test's own that fails in one way, for ever. */
  async function failing(t, fault, args = []) {
    const demo = await startDemoRegistry(args)
    t.after(() => demo.stop())
    if (fault) await order(demo, { times: 0, ...fault })
    return demo
  }

  for (const [what, fault, args, exit, code, advice] of [
    ['a bad reference', null, ['tags', 'HOST/Shop/Web'], 2, 'invalid_reference', /lower/i],
    ['an upstream that the configuration does not know', null, ['tags', '@nowhere/shop/web'], 4, 'not_found', /`upstreams` in portreeve\.json/],
    ['a tag that is not there', null, ['manifest', 'HOST/shop/web:v9'], 4, 'not_found', /list the tags/],
    ['a registry that is not there', null, ['tags', '127.0.0.1:9/shop/web'], 1, 'unreachable', /check the address/],
    ['a corrupted manifest', { path: MANIFEST, corrupt: true }, ['manifest', 'HOST/shop/web:v1.4.2'], 1, 'digest_mismatch', /do not use/],
    ['a corrupted blob', { path: BLOBS, corrupt: true }, ['inspect', 'HOST/shop/web:v1.4.2'], 1, 'digest_mismatch', /fetch it again/],
    ['a manifest that breaks off', { path: MANIFEST, truncate: 100 }, ['manifest', 'HOST/shop/web:v1.4.2'], 1, 'truncated', /try again/],
    ['a blob that breaks off', { path: BLOBS, truncate: 100 }, ['inspect', 'HOST/shop/web:v1.4.2'], 1, 'truncated', /try again/],
    ['a list of tags that breaks off', { path: '/v2/shop/web/tags/list', truncate: 300 }, ['tags', 'HOST/shop/web'], 1, 'truncated', /try again/],
    ['a registry that drops the connection', { path: MANIFEST, drop: true }, ['manifest', 'HOST/shop/web:v1.4.2'], 1, 'unreachable', /try again; if it stays so, the registry may speak https/],
    ['a registry that hangs', { path: '/v2/shop/web/tags/list', hang: true }, ['tags', 'HOST/shop/web'], 1, 'timeout', /try again later/],
    ['a registry that falls silent', { path: MANIFEST, stall: 100 }, ['manifest', 'HOST/shop/web:v1.4.2'], 1, 'timeout', /try again later/],
  ]) {
    test(`${what}: ${code}, exit ${exit}, and what to do`, async (t) => {
      const demo = await failing(t, fault)
      const { code: status, stdout, stderr } = await portreeve(...args.map((text) => text.replace('HOST', demo.host)), '--json')
      assert.equal(status, exit, stderr)
      const { format, error } = JSON.parse(stdout)
      assert.deepEqual([format, error.code], ['portreeve.error/1', code])
      assert.match(error.message, advice)
      assert.match(stderr, new RegExp(`error ${code} `))
    })
  }

  test('without --json an error leaves nothing on standard output', async (t) => {
    const demo = await failing(t, { path: MANIFEST, truncate: 100 })
    const { code, stdout, stderr } = await portreeve('manifest', `${demo.host}/shop/web:v1.4.2`)
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /truncated/)
  })

  for (const [what, fault, code] of [
    ['breaks off in the list of tags', { path: '/v2/shop/web/tags/list', truncate: 300 }, 'truncated'],
    ['sends a corrupted configuration', { path: BLOBS, corrupt: true }, null],
  ]) {
    test(`a plan of a registry that ${what} deletes nothing`, async (t) => {
      const demo = await failing(t, fault, ['--profile', 'distribution_3'])
      const planner = await planOf(demo)
      const { code: status, stdout } = await planner('plan', 'web', '--out', 'plan.json', '--json')
      if (code) {
        assert.deepEqual([status, JSON.parse(stdout).error.code], [1, code])
        assert.ok(!existsSync(join(planner.folder, 'plan.json')))
      } else {
        assert.deepEqual([status, JSON.parse(stdout).summary.delete.manifests], [0, 0])
      }
    })
  }

  test('a registry that fails in the middle of an apply: no group is left by half, and the same command goes on', async (t) => {
    const demo = await failing(t, null, ['--profile', 'distribution_3'])
    const planner = await planOf(demo)
    const look = await lookAt(demo, 'shop/web')
    const before = await stateOf(look)
    await planner('plan', 'web', '--out', 'plan.json')
    await order(demo, { method: 'DELETE', path: '/v2/shop/web/manifests/*', skip: 12, times: 0, status: 500 })
    const broken = await planner('apply', 'plan.json', '--yes', '--json')
    assert.equal(broken.code, 6, broken.stderr)
    // what is tagged is whole
    const halfway = await stateOf(look)
    assert.ok(halfway.manifests.length < before.manifests.length)

    await fetch(`${demo.url}/_demo/faults`, { method: 'DELETE' })
    const rest = await planner('apply', 'plan.json', '--yes', '--json')
    assert.equal(rest.code, 0, rest.stdout + rest.stderr)
    assert.deepEqual(JSON.parse((await planner('plan', 'web', '--json')).stdout).summary.delete, { groups: 0, manifests: 0 })
    assert.equal((await planner('restore', JSON.parse(rest.stdout).run)).code, 0)
    assert.deepEqual(await stateOf(look), before)
  })

  test('an apply that is killed in the middle: the same command goes on, and all of it can be restored', async (t) => {
    const demo = await failing(t, { method: 'DELETE', path: '/v2/shop/web/manifests/*', delayMilliseconds: 300 }, ['--profile', 'distribution_3'])
    const planner = await planOf(demo)
    const look = await lookAt(demo, 'shop/web')
    const before = await stateOf(look)
    await planner('plan', 'web', '--out', 'plan.json')
    const apply = spawn(process.execPath, [planner.program, 'apply', 'plan.json', '--yes'], { cwd: planner.folder, stdio: 'ignore' })
    const ended = new Promise((done) => apply.on('exit', (code, signal) => done(signal)))
    while (Object.keys(await tagsOf(look)).length > before.tags.length - 3) await delay(50)
    apply.kill('SIGKILL')
    assert.equal(await ended, 'SIGKILL')

    await fetch(`${demo.url}/_demo/faults`, { method: 'DELETE' })
    const again = () => planner('apply', 'plan.json', '--yes', '--json')
    // what was killed holds its lease for up to a minute
    let rest = await again()
    assert.equal(JSON.parse(rest.stdout).error.code, 'locked')
    assert.match(rest.stderr, /wait for the other run/)
    for (; rest.code === 1; rest = await again()) await delay(2000)
    assert.equal(rest.code, 0, rest.stdout + rest.stderr)
    assert.equal((await planner('restore', JSON.parse(rest.stdout).run)).code, 0)
    assert.deepEqual(await stateOf(look), before)
  })

  for (const [title, program, start] of [
    ['docker-registry 2.8 with htpasswd', 'docker-registry', () => startDockerRegistry({ auth: 'htpasswd' })],
    ['distribution 3 with htpasswd', 'distribution 3', () => startDistribution({ auth: 'htpasswd' })],
    ['distribution 3 with tokens', 'distribution 3', () => startDistribution({ auth: 'token' })],
  ]) {
    test(`a wrong password at ${title}: unauthorized, exit 3, through the Worker 502`, { skip: needs(program, 'crane', 'skopeo') }, async (t) => {
      const registry = await start()
      t.after(() => registry.stop())
      await fillForReading(registry)
      const wrong = { ...registry, password: 'high-tide' }
      const cli = await commandLine(cleaningOf(wrong))
      for (const args of [['tags', '@real/team/web'], ['inspect', '@real/team/web:v1.4.2'], ['plan', 'web']]) {
        const { code, stdout, stderr } = await cli(...args, '--json')
        assert.equal(code, 3, stderr)
        assert.equal(JSON.parse(stdout).error.code, 'unauthorized')
        assert.match(stderr, /check the user name and the password/)
        assert.doesNotMatch(stdout + stderr, /high-tide/)
      }
      const worker = await startBehindWorker({ real: wrong })
      t.after(() => worker.stop())
      const answer = await fetch(`${worker.anonymous.url}/v2/real/team/web/tags/list`)
      const text = await answer.text()
      assert.equal(answer.status, 502)
      assert.equal(answer.headers.get('www-authenticate'), null)
      assert.match(JSON.parse(text).errors[0].message, /check the user name and the password/)
      assert.doesNotMatch(text + worker.log(), /high-tide/)
    })
  }

  for (const [what, fault, problem] of [
    ['a corrupted blob', { path: BLOBS, corrupt: true }, /digest|does not match/i],
    ['a blob that breaks off', { path: BLOBS, truncate: 100 }, /EOF|unexpected|does not match/i],
    ['a corrupted manifest', { path: '/v2/shop/web/manifests/**', corrupt: true }, /asked for sha256|digest/i],
  ]) {
    test(`${what} through the Worker never becomes an image at skopeo or crane`, { skip: needs('skopeo', 'crane') }, async (t) => {
      const demo = await failing(t, fault)
      const worker = await startBehindWorker({ real: demo })
      t.after(() => worker.stop())
      const { copy, crane } = clientsOf(worker.anonymous)
      const reference = `${worker.anonymous.host}/real/shop/web:v1.4.2`
      await assert.rejects(copy(`docker://${reference}`, `dir:${temporaryFolder('copy')}`), problem)
      await assert.rejects(crane('pull', '--format=oci', reference, join(temporaryFolder('pull'), 'layout')))
    })
  }

  test('names that lead nowhere, through the Worker, by the command line', async (t) => {
    const demo = await failing(t)
    const worker = await startBehindWorker({ real: demo })
    t.after(() => worker.stop())
    const { host } = worker.anonymous
    for (const [args, exit, code] of [
      [['tags', `${host}/nowhere/shop/web`], 4, 'not_found'],
      [['tags', `${host}/real/shop/none`], 4, 'not_found'],
      [['manifest', `${host}/real/shop/web:v9`], 4, 'not_found'],
      [['tags', `${worker.withToken.host}/real/shop/web`], 3, 'unauthorized'],
    ]) {
      const { code: status, stdout, stderr } = await portreeve(...args, '--json')
      assert.equal(status, exit, stderr)
      assert.equal(JSON.parse(stdout).error.code, code)
    }
  })

  test('a broken portreeve.json: every verb says where, and touches nothing', async () => {
    const configuration = cleaningOf({ host: '127.0.0.1:9' }).configuration
    configuration.policies.web.delete[0].olderThan = { created: '30 days' }
    configuration.jobs.web.polcy = 'web'
    const broken = await commandLine({ configuration })
    for (const args of [['plan', 'web'], ['config', 'check'], ['tags', '@real/shop/web']]) {
      const { code, stdout, stderr } = await broken(...args, '--json')
      assert.equal(code, 2, stderr)
      assert.equal(JSON.parse(stdout).error.code, 'invalid_configuration')
      for (const place of ['$.policies.web.delete[0].olderThan', '$.jobs.web.polcy']) assert.ok(stderr.includes(place), stderr)
    }
    assert.ok(!existsSync(join(broken.folder, '.portreeve')))
  })
})

/** The command line with the job `web` over the demo registry's shop/web. */
async function planOf(demo) {
  const { configuration } = cleaningOf(demo)
  configuration.jobs.web.repositories = ['real/shop/web']
  return commandLine({ configuration })
}

/** Tags with their digests, and everything below them; fails where something below a tag is missing. */
async function stateOf(look) {
  const tags = Object.entries(await tagsOf(look))
  const manifests = await everyManifest(look, tags.map(([tag]) => tag))
  return { tags, manifests: [...manifests.keys()].sort() }
}
