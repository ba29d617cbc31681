// A suite of node:test files, tests/<name>/*.test.mjs.

import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'

import { ROOT } from '../command.mjs'
import { eachLine } from './output.mjs'
import { MARK } from './reporter.mjs'

// tests wait for servers more than they compute: two files at once even on a small machine
const FILES_AT_ONCE = Math.max(2, availableParallelism() - 1)

// `npm start` builds, and two builds at once would write the same files
const ONE_FILE_AT_A_TIME = ['start']

const REPORTER = join(import.meta.dirname, 'reporter.mjs')

/** The names of the suites: the folders of tests/ that hold such files. */
export function nodeSuites() {
  const folders = globSync('tests/*/*.test.mjs', { cwd: ROOT }).map((file) => file.split(/[\\/]/)[1])
  return [...new Set(folders)].sort()
}

/** Runs a suite under a Node, and adds it to the totals. */
export async function nodeSuite(totals, name, { node, label }) {
  const files = globSync(`tests/${name}/*.test.mjs`, { cwd: ROOT }).sort()
  const atOnce = ONE_FILE_AT_A_TIME.includes(name) ? 1 : FILES_AT_ONCE
  const reporter = [`--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout']
  const args = ['--test', '--test-timeout=1200000', `--test-concurrency=${atOnce}`, ...reporter, ...files]
  let failed = 0
  const problem = await eachLine(node, args, {
    line(text) {
      if (!text.startsWith(MARK)) return text && console.log(`  ${text}`)
      const result = JSON.parse(text.slice(MARK.length))
      if (!count(totals, result, label)) failed += 1
    },
  })
  if (problem && failed === 0) totals.fail(label, `node --test ended with ${problem}`)
}

function count(totals, { name, file, isWholeFile, outcome, reason, problem, milliseconds }, label) {
  const full = `${label}: ${isWholeFile ? relative(ROOT, file) : name}`
  if (outcome === 'skip') {
    console.log(`- ${full} (skipped: ${reason})`)
    totals.skip(full, reason)
  } else if (outcome === 'pass' && !isWholeFile) {
    console.log(`✔ ${full} (${milliseconds} ms)`)
    totals.pass()
  } else {
    console.log(`✖ ${full}\n${problem ?? 'the file holds no test'}`)
    totals.fail(full, problem ? undefined : 'the file holds no test')
    return false
  }
  return true
}
