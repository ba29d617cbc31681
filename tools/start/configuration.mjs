// The checked-in portreeve.json, or one like it that knows another port of the demo registry.

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

import { ROOT } from '../command.mjs'
import { ADDRESS, DEMO_PORT } from './ports.mjs'

/** Answers the path to name with `--config`, or nothing when the checked-in file is the right one. */
export async function configure({ demo: port }) {
  if (port === DEMO_PORT) return undefined
  const configuration = JSON.parse(await readFile(join(ROOT, 'portreeve.json'), 'utf8'))
  configuration.upstreams.demo.host = `${ADDRESS}:${port}`
  // a folder for each port: what the command line remembers of a registry lies beside the file
  const file = join(ROOT, '.portreeve', `demo-${port}`, 'portreeve.json')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(configuration, null, 2)}\n`)
  await copyFile(file, join(ROOT, 'build', 'worker', 'portreeve.json'))
  return relative(ROOT, file)
}
