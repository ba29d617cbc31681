import base64 from 'engine.wasm'
import { decoded } from './base64.js'

export * as bindings from '../../build/engine/portreeve.js'
export const wasm = () => decoded(base64)
