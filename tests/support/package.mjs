// The npm package as a user gets it: packed once, installed into an empty folder, never taken from
// the working tree.
//
//   const folder = await installPackage()      // folder/node_modules/portreeve
//   await nodeIn(folder, ['node_modules/.bin/portreeve', 'tags', '...'])

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { ROOT } from '../../tools/command.mjs'
import { innerNpm } from '../../tools/node.mjs'
import { look } from './secrets.mjs'
import { temporaryFolder } from './servers.mjs'

const execute = promisify(execFile)

/** The tarball: the one `npm test` packed (PORTREEVE_PACKAGE), or a new one. */
export async function packPackage(folder = temporaryFolder('package')) {
  if (process.env.PORTREEVE_PACKAGE && existsSync(process.env.PORTREEVE_PACKAGE)) return process.env.PORTREEVE_PACKAGE
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await execute('npm', ['pack', join(ROOT, 'npm'), '--pack-destination', folder], { cwd: folder, env: innerNpm() })
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.tgz'))
  return join(folder, name)
}

/** An empty folder of an ES module project into which the package was installed. */
export async function installPackage() {
  const folder = temporaryFolder('installed')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module' }))
  // a package that needs others does not install offline: it says of itself that it needs none
  const args = ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', await packPackage()]
  await execute('npm', args, { cwd: folder, env: innerNpm() })
  return folder
}

/** Runs a program of Node in that folder, under the Node that runs the test: `{ stdout, stderr, code }`. */
export async function nodeIn(folder, args, { env = {}, timeout = 60_000 } = {}) {
  const options = { cwd: folder, env: { ...process.env, ...env }, timeout, maxBuffer: 64 * 1024 * 1024 }
  const ended = await execute(process.execPath, args, options).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error) => {
      if (typeof error.code !== 'number') throw error
      return { stdout: error.stdout, stderr: error.stderr, code: error.code }
    },
  )
  look(`the output of ${args.slice(1).join(' ')}`, `${ended.stdout}\n${ended.stderr}`)
  return ended
}
