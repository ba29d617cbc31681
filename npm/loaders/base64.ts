/** What newer engines have, and Node: both are fifty times as fast as `Uint8Array.from(atob(..))`. */
interface Native {
  Uint8Array: { fromBase64?(base64: string): Uint8Array<ArrayBuffer> }
  Buffer?: { from(base64: string, encoding: 'base64'): Uint8Array<ArrayBuffer> }
}

/** The bytes of a WebAssembly file that travels inside the JavaScript. */
export function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const native = globalThis as Native
  if (native.Uint8Array.fromBase64) return native.Uint8Array.fromBase64(base64)
  if (native.Buffer) return native.Buffer.from(base64, 'base64')
  const letters = atob(base64)
  const bytes = new Uint8Array(letters.length)
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at)
  return bytes
}
