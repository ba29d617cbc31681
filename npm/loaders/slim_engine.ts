export * as bindings from '../../build/engine/portreeve.js'
