// The order of `npm test`: what can be built, what can be found, then suite after suite. Nothing ends
// it early, so that one run tells everything.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { packPackage } from '../../tests/support/package.mjs'
import { build } from '../build/all.mjs'
import { Failure, ROOT, step } from '../command.mjs'
import { findPeer } from '../peers/find.mjs'
import { installPeers } from '../peers/install.mjs'
import { setUp } from '../setup.mjs'
import { buildDemoRegistry } from '../start/demo_registry.mjs'
import { fuzzSuite } from './fuzz.mjs'
import { nodeSuite, nodeSuites } from './node.mjs'
import { endSuiteWithUs } from './output.mjs'
import { rustSuite } from './rust.mjs'
import { Totals } from './totals.mjs'

// a CI that lacks one of these would pass without having compared anything
const REQUIRED_IN_CI = ['docker-registry', 'distribution 3', 'skopeo', 'crane', 'chromium']

// what a user runs under their own Node is tested under it as well
const UNDER_BOTH_NODES = ['npm', 'packaging']

/** Runs the suites named, or all, and ends the process. */
export async function test(names) {
  const suites = ['rust', 'fuzz', ...nodeSuites()]
  const unknown = names.filter((name) => !suites.includes(name))
  if (unknown.length > 0) throw new Failure(`no such suite: ${unknown.join(', ')}. There are: ${suites.join(', ')}`)
  const wanted = names.length > 0 ? names : suites

  endSuiteWithUs()
  const totals = new Totals()
  await setUp()
  if (wanted.includes('rust')) await rustSuite(totals)
  if (wanted.includes('fuzz')) await fuzzSuite(totals)
  const inNode = wanted.filter((name) => name !== 'rust' && name !== 'fuzz')
  if (inNode.length > 0) await nodeTests(totals, inNode)
  process.exit(totals.close())
}

async function nodeTests(totals, suites) {
  const built = await totals.check('build', async () => {
    await build('debug')
    await step('the demo registry', buildDemoRegistry)
    process.env.PORTREEVE_PACKAGE = await packOnce()
  })
  if (!built) return suites.forEach((name) => totals.fail(name, 'not run, because the build failed'))
  await installPeers()
  requirePeersInCi(totals)
  for (const name of suites) {
    for (const run of nodesFor(name)) await nodeSuite(totals, name, run)
  }
}

async function packOnce() {
  const folder = join(ROOT, 'build', 'package')
  await rm(folder, { recursive: true, force: true })
  return packPackage(folder)
}

function requirePeersInCi(totals) {
  if (process.env.CI !== 'true') return
  for (const name of REQUIRED_IN_CI) {
    const { reason } = findPeer(name)
    if (reason) totals.fail(`CI needs ${name}`, reason)
  }
}

function nodesFor(name) {
  const ours = { node: process.execPath, label: name }
  const users = process.env.PORTREEVE_USER_NODE
  if (!UNDER_BOTH_NODES.includes(name) || !users || users === process.execPath) return [ours]
  return [{ node: users, label: `${name} (the user's Node)` }, { ...ours, label: `${name} (Node ${process.versions.node})` }]
}
