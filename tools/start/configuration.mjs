// The checked-in portreeve.json, or one like it that knows another port of the demo registry.

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

import { ROOT } from '../command.mjs'
import { ADDRESS, DEMO_PORT } from './ports.mjs'

/**
 * Answers the folder in which this demo registry's state lies, and the path to name with `--config`
 * unless the checked-in file is the right one.
 */
export async function configure({ demo: port }) {
  if (port === DEMO_PORT) return { state: join(ROOT, '.portreeve') }
  const configuration = JSON.parse(await readFile(join(ROOT, 'portreeve.json'), 'utf8'))
  configuration.upstreams.demo.host = `${ADDRESS}:${port}`
  // a folder for each port: what was seen of one demo registry says nothing of another
  const state = join(ROOT, '.portreeve', `demo-${port}`)
  const file = join(state, 'portreeve.json')
  await mkdir(state, { recursive: true })
  await writeFile(file, `${JSON.stringify(configuration, null, 2)}\n`)
  await copyFile(file, join(ROOT, 'build', 'worker', 'portreeve.json'))
  return { state, config: relative(ROOT, file) }
}
