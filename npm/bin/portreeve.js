#!/usr/bin/env node
// Committed, so that npm can link it before anything is built; the build is beside it.
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli.js', import.meta.url)
if (!existsSync(built)) {
  process.stderr.write('portreeve is not built yet: run `npm start` or `npm run build` in the repository first\n')
  process.exit(1)
}
await import(built.href)
