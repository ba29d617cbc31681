// For whoever serves or compiles the WebAssembly files of the package by themselves.
import { useSources } from '../api/core.js'
import { RegistryError } from '../api/error.js'
import type { Wasm } from '../api/start.js'

export * from '../api/index.js'
export type { Wasm } from '../api/start.js'

/** Where the WebAssembly comes from; each is asked for at the first call that needs it. */
export interface WasmSources {
  /** `portreeve/portreeve.wasm`: the client. */
  client: () => Wasm | Promise<Wasm>
  /** `portreeve/engine.wasm`: needed for inventories, plans, runs and configurations. */
  engine?: () => Wasm | Promise<Wasm>
}

/**
 * Names the WebAssembly, before anything else of `portreeve/slim` is called.
 *
 * @example
 * ```js
 * import { connect, useWasm } from "portreeve/slim";
 *
 * useWasm({ client: () => fetch("/assets/portreeve.wasm") });
 * ```
 */
export function useWasm({ client, engine }: WasmSources): void {
  useSources({
    core: client,
    engine: async () => {
      if (engine !== undefined) return { bindings: (await import('./slim_engine.js')).bindings, wasm: engine }
      throw new RegistryError({ code: 'invalid_argument', message: 'useWasm was given no `engine`' })
    },
  })
}
