// Node, browsers, Deno, Bun and every bundler: the WebAssembly travels inside the JavaScript, so
// that no tool has to find, copy or serve a second file.
import base64 from 'portreeve.wasm'
import { useWasm } from '../api/engine.js'

useWasm(() => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))

export * from '../api/index.js'
