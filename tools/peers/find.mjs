// Programs of other people that the tests compare with: where they are, or why they are not there.

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { ROOT } from '../command.mjs'

/** What `install.mjs` brings lies here; nothing is put into the user's home. */
export const PEERS = join(ROOT, 'build', 'peers')

/** Why a peer could not be installed, by its name. */
export const REASONS = join(PEERS, 'reasons.json')

/** Where npm puts Deno and Bun: packages that hold just the binary. */
export const RUNTIMES = join(ROOT, 'tools', 'runtimes')

// `check` tells a program of the same name from the one that is meant
const PROGRAMS = {
  'docker-registry': { check: ['--version', / v?2\.8\./] },
  'distribution 3': { file: 'registry', check: ['--version', / v3\./] },
  skopeo: {},
  crane: {},
  regctl: { bench: true },
  oras: { bench: true },
  chromium: {},
  podman: {},
  nginx: { alsoIn: ['/usr/sbin'] },
  ociregistry: {},
  deno: { byNpm: ['@deno'] },
  bun: { byNpm: ['@oven', 'bin'] },
}

/** The names of all peers that tests ask for; those that only a bench measures itself against are named there. */
export const PEER_NAMES = Object.keys(PROGRAMS).filter((name) => !PROGRAMS[name].bench)

/** Answers `{ path }`, or `{ reason }` when the program is not to be had. */
export function findPeer(name) {
  const { file = name, alsoIn = [], byNpm, check } = PROGRAMS[name]
  const folders = [join(PEERS, 'bin'), ...(process.env.PATH ?? '').split(delimiter), ...alsoIn, ...installedByNpm(byNpm)]
  const path = folders.map((folder) => join(folder, file)).find((candidate) => isProgram(candidate) && passes(candidate, check))
  return path ? { path } : { reason: `${name} is not here: ${reasonFor(name)}` }
}

/** The folders of the binaries in the packages of a scope: there is one, that of this machine. */
function installedByNpm([scope, folder = ''] = []) {
  const packages = scope && join(RUNTIMES, 'node_modules', scope)
  return packages && existsSync(packages) ? readdirSync(packages).map((name) => join(packages, name, folder)) : []
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function passes(path, check) {
  if (!check) return true
  const [argument, pattern] = check
  const { stdout, stderr } = spawnSync(path, [argument], { encoding: 'utf8' })
  return pattern.test(`${stdout} ${stderr}`)
}

function reasonFor(name) {
  const reasons = existsSync(REASONS) ? JSON.parse(readFileSync(REASONS, 'utf8')) : {}
  return reasons[name] ?? 'no program of that name on the PATH (npm test installs it where it can)'
}
