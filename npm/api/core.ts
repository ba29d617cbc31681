import * as bindings from '../../build/npm/portreeve.js'
import type * as engineBindings from '../../build/engine/portreeve.js'
import { RegistryError } from './error.js'
import { type Part, starter, type Wasm } from './start.js'

/** The client: what reading and writing need. */
export type Core = typeof bindings
/** The client, with plans, runs and configurations. Its classes are its own and never cross. */
export type Engine = typeof engineBindings
/** An inventory inside the engine. */
export type HeldInventory = engineBindings.Inventory
/** A configuration inside the engine. */
export type HeldConfiguration = engineBindings.Configuration
/** A plan inside the engine. */
export type HeldPlan = engineBindings.Plan

/** What a loader names, one for each runtime. */
interface Sources {
  core: () => Wasm | Promise<Wasm>
  engine: () => Promise<Part<Engine>>
}

let sources: Sources | undefined

/** Called once by each runtime's loader: where the WebAssembly comes from. */
export function useSources(named: Sources): void {
  sources = named
}

function named(): Sources {
  if (sources !== undefined) return sources
  throw new RegistryError({ code: 'invalid_argument', message: 'call useWasm first: portreeve/slim brings no WebAssembly' })
}

/** The Rust core. */
export const core: () => Promise<Core> = starter(() => ({ bindings, wasm: named().core }))

/** The same with the cleanup engine, a file of its own that is loaded by the first call that needs it. */
export const engine: () => Promise<Engine> = starter(() => named().engine())
