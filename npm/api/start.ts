import { RegistryError } from './error.js'

/** What a WebAssembly file can be started from. In a Worker only a compiled module is. */
export type Wasm = BufferSource | Response | URL | WebAssembly.Module

/** What wasm-bindgen writes beside every WebAssembly file, and the one function that each of ours has. */
interface Startable {
  default(from: { module_or_path: Wasm | Promise<Wasm> }): Promise<unknown>
  initSync(from: { module: WebAssembly.Module }): unknown
  useErrorClass(constructor: unknown): void
}

/** A WebAssembly file and the JavaScript beside it. */
export interface Part<Bindings extends Startable> {
  bindings: Bindings
  wasm: () => Wasm | Promise<Wasm>
}

/**
 * The Rust core, or its part, started by the first call that needs it.
 *
 * Where there is a compiled module (workerd), calls share no promise: one that is shared between
 * two requests there wakes nobody.
 */
export function starter<Bindings extends Startable>(
  load: () => Part<Bindings> | Promise<Part<Bindings>>,
): () => Promise<Bindings> {
  let started: Bindings | undefined
  let starting: Promise<Bindings> | undefined

  const ready = (bindings: Bindings) => {
    bindings.useErrorClass(RegistryError)
    started = bindings
    return bindings
  }
  return async () => {
    if (started !== undefined) return started
    if (starting !== undefined) return starting
    const { bindings, wasm } = await load()
    // another call may have come first while this one waited
    if (started !== undefined) return started
    if (starting !== undefined) return starting
    const source = wasm()
    if (source instanceof WebAssembly.Module) {
      bindings.initSync({ module: source })
      return ready(bindings)
    }
    starting = bindings
      .default({ module_or_path: source })
      .then(() => ready(bindings))
      .finally(() => {
        starting = undefined
      })
    return starting
  }
}
