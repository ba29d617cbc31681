import compiled from 'engine.wasm?module'

export * as bindings from '../../build/engine/portreeve.js'
export const wasm = () => compiled
