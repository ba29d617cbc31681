import pc from 'picocolors'
import type { Completion, Listing } from '../api/index.js'
import { exit } from './failure.js'
import { plural } from './format.js'
import { note } from './output.js'
import { Progress } from './progress.js'

/** What a listing held. */
export interface Listed<Item> {
  items: Item[]
  completion: Completion
  /** The exit code: a list that may lack something is a partial success. */
  status: number
}

/** Reads a listing to its end, shows how far it is, and says loudly what may be missing. */
export async function listed<Item>(
  listing: Listing<Item>,
  options: { what: string; onPage?: (page: Item[]) => Promise<void> | undefined },
): Promise<Listed<Item>> {
  const { what, onPage } = options
  const items: Item[] = []
  const progress = new Progress(`reading ${what}`)
  try {
    for await (const page of listing.pages()) {
      for (const item of page) items.push(item)
      const shown = onPage?.(page)
      // entries that appear on the same terminal are progress enough
      if (shown === undefined || !process.stdout.isTTY) progress.update('', items.length)
      await shown
    }
  } finally {
    progress.end()
  }
  const completion = await listing.done()
  const { complete, reason, cause } = completion
  // who asks for five and gets five misses nothing
  if (complete || cause === 'limited') return { items, completion, status: exit.ok }
  const seen = plural(items.length, 'entry', 'entries')
  note(`${pc.bold(pc.yellow('incomplete'))} the ${what} may be more than these ${seen}: ${reason}`)
  return { items, completion, status: exit.partial }
}
