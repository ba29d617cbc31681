// What JavaScript hands over is looked at here, because WebAssembly would take anything for a text:
// TypeScript's promises end where a program is not checked by it.
import { RegistryError } from './error.js'

/** The error for an argument that cannot be what it is. */
export function wrong(what: string, expected: string, cause?: unknown): RegistryError {
  return new RegistryError({ code: 'invalid_argument', message: `${what}: expected ${expected}`, cause })
}

// surrogates of no pair: what is encoded as UTF-8 would silently be another text
const LONE = /\p{Surrogate}/u

/** A text, without halves of characters. */
export function text(what: string, value: unknown): string {
  if (typeof value !== 'string') throw wrong(what, `a text, got ${kind(value)}`)
  if (LONE.test(value)) throw wrong(what, 'whole characters, got a lone surrogate')
  return value
}

/** Several texts. */
export function texts(what: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw wrong(what, `a list of texts, got ${kind(value)}`)
  return value.map((one) => text(`each of ${what}`, one))
}

/** Yes or no. */
export function flag(what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw wrong(what, `true or false, got ${kind(value)}`)
}

/** A whole number from `least` up, or nothing. */
export function count(what: string, value: unknown, least = 0): number | undefined {
  if (value === undefined) return undefined
  // what Rust counts with here is 32 bits wide
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 0xffff_ffff) return value as number
  throw wrong(what, `a whole number from ${least} up`)
}

/** Options: an object, which may be left out. */
export function options<Options extends object>(value: Options | undefined): Options {
  if (value === undefined) return {} as Options
  return object('the options', value) as Options
}

/** An object that is no list. */
export function object(what: string, value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw wrong(what, `an object, got ${kind(value)}`)
}

/** A function, or nothing. */
export function callback<Callback>(what: string, value: Callback): Callback {
  if (value === undefined || typeof value === 'function') return value
  throw wrong(what, `a function, got ${kind(value)}`)
}

/** The signal of a call, which may be another realm's. */
export function signalOf({ signal }: { signal?: AbortSignal | undefined }): AbortSignal | undefined {
  if (signal === undefined) return undefined
  if (typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function') return signal
  throw wrong('signal', `an AbortSignal, got ${kind(signal)}`)
}

/** JSON of what the core reads; what JSON would change or leave out in silence is refused. */
export function json(what: string, value: unknown): string {
  let found: string | undefined
  try {
    found = JSON.stringify(value, (key, part: unknown) => {
      if (typeof part === 'number' && !Number.isFinite(part)) throw wrong(`${what}: ${key}`, 'a number')
      if (typeof part === 'function' || typeof part === 'symbol') throw wrong(`${what}: ${key}`, `data, got ${kind(part)}`)
      return part
    })
  } catch (cause) {
    throw cause instanceof RegistryError ? cause : wrong(what, 'what JSON can hold', cause)
  }
  if (found === undefined) throw wrong(what, `data, got ${kind(value)}`)
  return found
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
