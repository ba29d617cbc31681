// As npm/api/argument.ts, which is no part of the package that this one imports.
import { RegistryError } from '../api/index.js'

/** Refuses an argument that is not what it has to be. */
export function expect(what: string, expected: string, isOne: boolean): void {
  if (!isOne) throw new RegistryError({ code: 'invalid_argument', message: `${what}: expected ${expected}` })
}

/** Whether it is an object that is no list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
