// Brings the peers that are not on the machine, where that needs no question: npm's packages, Debian's
// for root, and Go's for whoever has Go. Everything but skopeo and chromium goes into build/peers/.

import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'

import { ROOT, run, step } from '../command.mjs'
import { innerNpm } from '../node.mjs'
import { PEERS, PEER_NAMES, REASONS, RUNTIMES, findPeer } from './find.mjs'

// These two need many libraries. The other packages are unpacked only: installing them would start
// a server that listens to everybody.
const DEBIAN_INSTALLED = ['skopeo', 'chromium']
const DEBIAN_UNPACKED = { 'docker-registry': 'usr/bin/docker-registry', nginx: 'usr/sbin/nginx' }

const GO_INSTALLED = {
  crane: 'github.com/google/go-containerregistry/cmd/crane@v0.22.1',
  oras: 'oras.land/oras/cmd/oras@v1.3.6',
  regctl: 'github.com/regclient/regclient/cmd/regctl@v0.11.7',
  'distribution 3': 'github.com/distribution/distribution/v3/cmd/registry@v3.1.2',
}

/** Installs what is missing of them and writes down why the rest is not to be had. */
export async function installPeers(names = PEER_NAMES) {
  const missing = names.filter((name) => findPeer(name).reason)
  if (missing.length === 0) return
  await mkdir(join(PEERS, 'bin'), { recursive: true })
  const reasons = {}
  const attempt = async (name, title, work) => {
    try {
      await step(title, work)
    } catch (error) {
      reasons[name] = error.message
      console.log(`  ${name} is not to be had: ${error.message}`)
    }
  }
  await fromNpm(missing, reasons, attempt)
  await fromDebian(missing, reasons, attempt)
  await fromGo(missing, reasons, attempt)
  await writeFile(REASONS, JSON.stringify(reasons, null, 2))
}

async function fromNpm(missing, reasons, attempt) {
  const wanted = missing.filter((name) => ['deno', 'bun'].includes(name))
  if (wanted.length === 0) return
  await attempt(wanted[0], `${wanted.join(' and ')} (npm)`, () => run('npm', ['ci'], { cwd: RUNTIMES, env: innerNpm(), quiet: true }))
  for (const name of wanted) {
    if (findPeer(name).reason) reasons[name] = reasons[wanted[0]] ?? 'npm has no binary of it for this machine'
  }
}

async function fromDebian(missing, reasons, attempt) {
  const wanted = missing.filter((name) => DEBIAN_INSTALLED.includes(name) || name in DEBIAN_UNPACKED)
  if (wanted.length === 0) return
  const obstacle = answers('apt-get') ? (process.getuid() === 0 ? undefined : 'not root') : 'no apt-get'
  if (obstacle) {
    for (const name of wanted) reasons[name] = `not on the PATH, and Debian's package cannot be installed (${obstacle})`
    return
  }
  // a failure shows at the package that needs a fresher list
  await run('apt-get', ['update'], { quiet: true }).catch(() => {})
  for (const name of wanted) {
    await attempt(name, `${name} (Debian)`, () => (name in DEBIAN_UNPACKED ? unpack(name) : aptInstall(name)))
  }
}

function aptInstall(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return run('apt-get', ['install', '-y', '--no-install-recommends', name], { quiet: true, env })
}

async function unpack(name) {
  const folder = await mkdtemp(join(tmpdir(), 'portreeve-peer-'))
  // apt fetches as its own user, which must be able to write here
  await chmod(folder, 0o777)
  try {
    await run('apt-get', ['download', name], { quiet: true, cwd: folder })
    const [file] = (await readdir(folder)).filter((entry) => entry.endsWith('.deb'))
    await run('dpkg', ['-x', join(folder, file), join(folder, 'unpacked')], { quiet: true })
    await copyFile(join(folder, 'unpacked', DEBIAN_UNPACKED[name]), join(PEERS, 'bin', name))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function fromGo(missing, reasons, attempt) {
  const wanted = missing.filter((name) => name in GO_INSTALLED || name === 'ociregistry')
  if (wanted.length === 0) return
  if (!answers('go')) {
    for (const name of wanted) reasons[name] = 'not on the PATH, and there is no Go to build it'
    return
  }
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOBIN: join(PEERS, 'bin'),
    GOCACHE: join(PEERS, 'go-cache'),
    // without the flag the module cache is read-only, and build/ could not be removed
    GOFLAGS: '-buildvcs=false -modcacherw',
    GOPATH: join(PEERS, 'go'),
  }
  for (const name of wanted) {
    const module = GO_INSTALLED[name]
    const cwd = module ? ROOT : join(ROOT, 'tests', 'support', 'ociregistry')
    await attempt(name, `${name} (Go)`, () => run('go', ['install', module ?? '.'], { env, cwd, quiet: true }))
  }
  // half a gigabyte that only a rebuild would read
  await rm(env.GOCACHE, { recursive: true, force: true })
  await rm(env.GOPATH, { recursive: true, force: true })
}

function answers(command) {
  return !spawnSync(command, ['--help'], { stdio: 'ignore' }).error
}
