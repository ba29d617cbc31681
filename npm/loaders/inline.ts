// Node, browsers, Deno, Bun and every bundler: the WebAssembly travels inside the JavaScript, so
// that no tool has to find, copy or serve a second kind of file.
import base64 from 'portreeve.wasm'
import { useSources } from '../api/core.js'
import { decoded } from './base64.js'

useSources({ core: () => decoded(base64), engine: () => import('./inline_engine.js') })

export * from '../api/index.js'
