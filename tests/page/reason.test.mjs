// The page has words for every reason of the core.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'

test('every reason that a plan can give has words on the page', () => {
  const core = readFileSync(join(ROOT, 'src/plan/document/verdict.rs'), 'utf8')
  const page = readFileSync(join(ROOT, 'www/plan/reason.tsx'), 'utf8')
  const codes = [...core.matchAll(/^ {4}[A-Z]\w+ "([a-z_]+)" [A-Z]/gm)].map(([, code]) => code)
  assert.ok(codes.includes('too_young'), 'the reasons are written otherwise now')
  assert.deepEqual(codes.filter((code) => !new RegExp(`^  ${code}: "`, 'm').test(page)), [])
})
