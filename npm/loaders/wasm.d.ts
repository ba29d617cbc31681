// what build.mjs puts in the place of these names
declare module 'portreeve.wasm' {
  const base64: string
  export default base64
}

declare module 'engine.wasm' {
  const base64: string
  export default base64
}

declare module 'portreeve.wasm?module' {
  const compiled: WebAssembly.Module
  export default compiled
}

declare module 'engine.wasm?module' {
  const compiled: WebAssembly.Module
  export default compiled
}
