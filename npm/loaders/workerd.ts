// workerd refuses to compile bytes while it serves a request: it wants the module as an import.
import compiled from 'portreeve.wasm?module'
import { useWasm } from '../api/engine.js'

useWasm(() => compiled)

export * from '../api/index.js'
