import init, * as bindings from '../../build/npm/portreeve.js'
import { RegistryError } from './error.js'

export type Bindings = typeof bindings
export type Wasm = BufferSource | WebAssembly.Module

let source: (() => Wasm) | undefined
let starting: Promise<Bindings> | undefined

/** Called once by each runtime's loader: where the WebAssembly comes from. */
export function useWasm(load: () => Wasm): void {
  source = load
}

/**
 * The Rust core, started by the first call that needs it.
 *
 * Where the loader has a compiled module (workerd), nothing here waits: a promise that is shared
 * between two requests there wakes nobody.
 */
export function engine(): Promise<Bindings> {
  return (starting ??= start())
}

function start(): Promise<Bindings> {
  const wasm = source?.()
  if (wasm === undefined) throw new RegistryError({ code: 'internal', message: 'no loader has named the WebAssembly' })
  if (wasm instanceof WebAssembly.Module) {
    bindings.initSync({ module: wasm })
    return Promise.resolve(ready())
  }
  return init({ module_or_path: wasm }).then(ready, (error: unknown) => {
    starting = undefined
    throw error
  })
}

function ready(): Bindings {
  bindings.useErrorClass(RegistryError)
  return bindings
}
