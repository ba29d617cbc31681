// The order of things: ports first, so that a taken one costs no build; then set-up and build; then
// both servers; then what to try.

import { setUp } from '../setup.mjs'
import { build } from '../build/all.mjs'
import { step } from '../command.mjs'
import { whenParentEnds } from '../parent.mjs'
import { startDemoRegistry, buildDemoRegistry } from './demo_registry.mjs'
import { configure } from './configuration.mjs'
import { requireFree, portsFrom } from './ports.mjs'
import { Servers } from './servers.mjs'
import { suggestions } from './suggestions.mjs'
import { startWorker } from './worker.mjs'

/** Runs until a signal, the end of the parent, or the death of a server. */
export async function start() {
  const ports = portsFrom(process.env)
  await requireFree(ports)
  await setUp()
  await build('debug')
  await step('the demo registry (debug)', buildDemoRegistry)
  const { state, config } = await configure(ports)

  const servers = new Servers()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => servers.stop())
  whenParentEnds(() => servers.stop())
  await requireFree(ports)
  await step('starting', () => Promise.all([startDemoRegistry(servers, ports), startWorker(servers, ports, state)]))
  console.log(suggestions(ports, config))
}
