// The installed package, once for a test file: its API, and its command line in a folder of the
// test's own.
//
//   const { connect, RegistryError } = await importPackage()
//
//   const portreeve = await commandLine({ configuration: { version: 1, ... }, env: { REGISTRY_PASSWORD: '...' } })
//   const { code, stdout, stderr } = await portreeve('plan', 'shop', '--json')
//   portreeve.folder                                         // holds portreeve.json and .portreeve/
//   portreeve.program                                        // for tests that start it themselves

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { installPackage, nodeIn } from './package.mjs'
import { plantAll, watched } from './secrets.mjs'
import { temporaryFolder } from './servers.mjs'

let installed

/** The module `portreeve` as a user imports it, or another entry of the package. */
export async function importPackage(name = 'portreeve') {
  const entry = join(await installation(), `${name.replace('/', '-')}.mjs`)
  writeFileSync(entry, `export * from '${name}'\n`)
  return watched(await import(pathToFileURL(entry)))
}

/** The command, run in a folder with this configuration; docker's own configuration is empty. */
export async function commandLine({ configuration, env = {} } = {}) {
  const program = join(await installation(), 'node_modules', 'portreeve', 'bin', 'portreeve.js')
  const folder = temporaryFolder('command-line')
  if (configuration !== undefined) {
    const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration)
    writeFileSync(join(folder, 'portreeve.json'), text)
  }
  plantAll(env)
  const clean = { DOCKER_CONFIG: folder, NO_COLOR: '1', ...env }
  // a registry that hangs is given up after two minutes
  const run = (...args) => nodeIn(folder, [program, ...args], { env: clean, timeout: 240_000 })
  return Object.assign(run, { folder, program })
}

/** The folder that the package was installed into. */
export function installation() {
  return (installed ??= installPackage())
}
