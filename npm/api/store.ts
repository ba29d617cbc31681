import { object, wrong } from './argument.js'

/**
 * Where cleanup keeps what must outlive one program: journals, back-ups, inventories, a lease.
 *
 * It is a small folder of texts. Paths are relative, with `/` between their parts. A method that
 * returns has kept what it was given: deletions rest on that, so write through before you return,
 * and throw if you cannot.
 *
 * `portreeve/node` has one that keeps files; {@link memoryStore} forgets.
 */
export interface Store {
  /** The text at this path, or `undefined`. */
  read(path: string): Promise<string | undefined>
  /** Puts a text at this path, in place of an earlier one: whole or not at all. */
  write(path: string, text: string): Promise<void>
  /** Adds a line and its line end, on a line of its own even after a write that broke off. */
  append(path: string, line: string): Promise<void>
  /** The names of the texts directly in this folder, in any order; none if there is no such folder. */
  list(folder: string): Promise<string[]>
  /** Writes if the text at this path still is `expected`, and says whether it did. No other writer comes in between. */
  swap(path: string, expected: string | undefined, next: string): Promise<boolean>
}

/** A store, looked at before it is relied on. */
export function checkedStore(store: Store): Store {
  const given = object('the store', store) as Store
  const missing = (['read', 'write', 'append', 'list', 'swap'] as const).find((method) => typeof given[method] !== 'function')
  if (missing !== undefined) throw wrong('the store', `an object with a method ${missing}`)
  return given
}

/** A store that forgets when the program ends: what was deleted with it cannot be restored later. */
export function memoryStore(): Store {
  const texts = new Map<string, string>()
  return {
    read: async (path) => texts.get(path),
    write: async (path, text) => {
      texts.set(path, text)
    },
    append: async (path, line) => {
      texts.set(path, `${texts.get(path) ?? ''}${line}\n`)
    },
    list: async (folder) => {
      const inside = [...texts.keys()].filter((path) => path.startsWith(`${folder}/`))
      return inside.map((path) => path.slice(folder.length + 1)).filter((name) => !name.includes('/'))
    },
    swap: async (path, expected, next) => {
      const unchanged = texts.get(path) === expected
      if (unchanged) texts.set(path, next)
      return unchanged
    },
  }
}
