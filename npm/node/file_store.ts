import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RegistryError } from '../api/index.js'
import type { Store } from '../api/index.js'
import { expect } from './argument.js'
import { appendLine, exclusively, guarded, isMissing, readText, replace } from './files.js'

/**
 * A {@link Store} of files, as the command line keeps it in `.portreeve/`:
 * `<host>/<repository>/inventory.jsonl` and `runs/<run>/{journal.jsonl, backup/}`.
 *
 * Whatever was kept is on the disk when the call returns, and half-written files never take the
 * place of whole ones.
 *
 * @example
 * ```js
 * import { fileStore } from "portreeve/node";
 *
 * const store = fileStore(".portreeve");
 * await store.list("runs"); // what could be restored
 * ```
 */
export function fileStore(folder: string): Store {
  expect('the folder', 'a path', typeof folder === 'string' && folder !== '')
  const at = (path: string) => join(folder, ...path.split('/').map(plain))
  return {
    read: async (path) => readText(at(path)),
    write: async (path, text) => replace(at(path), text),
    append: async (path, line) => appendLine(at(path), line),
    list: async (path) => names(at(path)),
    swap: async (path, expected, next) =>
      exclusively(at(path), async () => {
        const unchanged = (await readText(at(path))) === expected
        if (unchanged) await replace(at(path), next)
        return unchanged
      }),
  }
}

async function names(folder: string): Promise<string[]> {
  return guarded('read', folder, async () => {
    try {
      const entries = await readdir(folder, { withFileTypes: true })
      return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.half')).map(({ name }) => name)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  })
}

/** A name that cannot lead out of the folder. */
function plain(name: string): string {
  if (/^[A-Za-z0-9_[@+-][A-Za-z0-9._+@[\]-]*$/.test(name)) return name
  throw new RegistryError({ code: 'invalid_argument', message: `\`${name}\` cannot be a name in a state folder` })
}
