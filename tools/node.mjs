// wrangler needs Node 22; a user may have Node 20. Every script calls `underNewerNode` before it
// imports anything else: it runs the same command line again under a Node that tools/node/ brings
// from the npm registry. Nothing of the user's own Node is changed.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { whenParentEnds } from './parent.mjs'
import { requirePrerequisites } from './prerequisites.mjs'

// not `import.meta.dirname`: a Node too old for it is told so in words, below
const FOLDER = fileURLToPath(new URL('node', import.meta.url))
const BINARY = join(FOLDER, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

/** Returns under a Node that is new enough; under an older one it never returns. */
export async function underNewerNode() {
  if (!process.env.PORTREEVE_USER_NODE) {
    requirePrerequisites()
    process.env.PORTREEVE_USER_NODE = process.execPath
  }
  if (isNewEnough(process.versions.node)) return
  installNode()
  await runAgain()
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 23)
}

function installNode() {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')
  const stamp = join(FOLDER, 'node_modules', '.portreeve-stamp')
  if (existsSync(BINARY) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.log(`▸ Node 22, because wrangler does not run on Node ${process.versions.node} (about 190 MB, once)`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    env: innerNpm(),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0 || !existsSync(BINARY)) {
    console.error(`portreeve: npm could not install Node 22 into ${FOLDER}. Install Node >= 22.23 yourself and try again.`)
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

/**
 * The environment for an npm inside this one: without what an outer `npm run` adds, which it would
 * take as its own settings, and with this Node first, or it warns of packages that want a newer one.
 */
export function innerNpm(environment = process.env) {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^npm_(config_prefix|config_local_prefix|package_|lifecycle_)/.test(name),
  )
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}${delimiter}${environment.PATH}` }
}

function runAgain() {
  const child = spawn(BINARY, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const end = () => child.kill('SIGTERM')
  // a terminal's Ctrl-C has reached the child already; one sent to this process alone has not
  process.on('SIGINT', () => setTimeout(end, 300).unref())
  process.on('SIGTERM', end)
  process.on('SIGHUP', end)
  whenParentEnds(end)
  return new Promise(() => {
    child.on('error', (error) => {
      console.error(`portreeve: cannot run ${BINARY}: ${error.message}`)
      process.exit(1)
    })
    child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  })
}
