// The reference of the npm package, in build/docs/npm: every public item of it has words, and every
// link in them leads somewhere. typedoc does not work with the TypeScript that compiles the project,
// so it has a folder and a lock of its own.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Failure, ROOT, run } from '../command.mjs'
import { innerNpm } from '../node.mjs'

const FOLDER = join(ROOT, 'tools', 'typedoc')

/** Writes the reference; whatever typedoc warns of is a failure. */
export async function apiReference() {
  await install()
  const program = join(FOLDER, 'node_modules', '.bin', 'typedoc')
  const output = await run(process.execPath, [program, '--options', join(FOLDER, 'typedoc.json')], { quiet: true, cwd: FOLDER, env: { ...process.env, NO_COLOR: '1' } })
  // a field of a field is described where that is
  const problems = output.split('\n').filter((line) => /warning|error/.test(line) && !/\.__type\.|Found \d+ errors/.test(line))
  if (problems.length > 0) throw new Failure(`the reference of the npm package has gaps:\n${problems.join('\n')}`)
}

async function install() {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')
  const stamp = join(FOLDER, 'node_modules', '.portreeve-stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  await run('npm', ['ci'], { cwd: FOLDER, env: innerNpm(), quiet: true })
  writeFileSync(stamp, lock)
}
