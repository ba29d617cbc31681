// A module of the page (www/), for tests that need no browser:
//
//   const { locate } = await pageModule('plan/locate.ts')

import { join } from 'node:path'

import { build } from 'esbuild'

import { ROOT } from '../../tools/command.mjs'

/** Compiles it, and answers what it exports. */
export async function pageModule(path) {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'www', path)],
    bundle: true,
    format: 'esm',
    write: false,
  })
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)
}
