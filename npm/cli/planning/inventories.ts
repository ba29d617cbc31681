import { type Inventory, type InventoryOptions, loadInventory, readInventory, type Repository, type Store } from '../../api/index.js'
import { invalid } from '../failure.js'
import { inputName, inputPieces } from '../input.js'
import { Progress } from '../progress.js'
import type { Scope } from './scope.js'

/** Reads a repository, going on from what is known of it. */
export async function readRepository(
  repository: Repository,
  store: Store,
  options: Pick<InventoryOptions, 'policy' | 'layers' | 'annotations' | 'labels' | 'reported'>,
): Promise<Inventory> {
  const { host, name } = repository
  const earlier = await loadInventory(store, host, name)
  const progress = new Progress(`reading ${host}/${name}`)
  try {
    return await repository.inventory({
      ...options,
      ...(earlier === undefined ? {} : { earlier }),
      onProgress: ({ phase, done, known }) => progress.update(phase, done, known),
    })
  } finally {
    progress.end()
  }
}

/** The inventories of files, each of another repository that is to be planned. */
export async function inventoriesOf(files: string[], scope: Scope): Promise<Inventory[]> {
  const seen = new Map<string, string>()
  const inventories: Inventory[] = []
  for (const file of files) {
    const inventory = await inventoryOf(file)
    scope.accept(inventory, inputName(file))
    const name = `${inventory.host}/${inventory.repository}`
    const other = seen.get(name)
    if (other !== undefined) throw invalid(`${other} and ${inputName(file)} are both inventories of ${name}: leave one out`)
    seen.set(name, inputName(file))
    inventories.push(inventory)
  }
  return inventories
}

async function inventoryOf(file: string): Promise<Inventory> {
  try {
    return await readInventory(inputPieces(file))
  } catch (error) {
    // a file that is not there is said as such
    if (!(error instanceof Error) || 'syscall' in error) throw error
    throw invalid(`${inputName(file)}: ${error.message}`, (error as { details?: unknown }).details)
  }
}
