// workerd refuses to compile bytes while it serves a request: it wants modules as imports.
import compiled from 'portreeve.wasm?module'
import { useSources } from '../api/core.js'

useSources({ core: () => compiled, engine: () => import('./workerd_engine.js') })

export * from '../api/index.js'
