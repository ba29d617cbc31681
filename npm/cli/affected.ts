import pc from 'picocolors'
import { type Attached, RegistryError, type Repository, type Siblings } from '../api/index.js'
import { shown } from './activity.js'
import { attachedPart } from './inspect/attached.js'
import { short } from './format.js'
import { table } from './table.js'

/** What a deletion touches, all of it known before anything is asked or done. */
export interface Affected {
  host: string
  repository: string
  digest: string
  /** Every tag that shows the manifest. */
  tags: string[]
  /** Tagged indexes that list it. */
  indexes: Siblings['indexes']
  attached: Attached[]
}

/**
 * Looks at everything a deletion would touch.
 *
 * @throws {@link RegistryError} `incomplete_listing` where something may have been overlooked:
 * nobody can agree to what they cannot see.
 */
export async function affectedBy(repository: Repository, digest: string): Promise<Affected> {
  const { host, name } = repository
  const look = async () => [await repository.siblings(digest), await repository.attached(digest)] as const
  const [siblings, { attached, complete, reason }] = await shown(`looking for what shows ${host}/${name}`, look)
  const unknown = siblings.complete ? (complete ? undefined : reason) : siblings.reason
  if (!siblings.complete || !complete) {
    const message = `what else shows ${host}/${name}@${digest} cannot be told for sure: ${unknown}; nothing was deleted`
    throw new RegistryError({ code: 'incomplete_listing', message, details: siblings })
  }
  const { tags, indexes } = siblings
  return { host, repository: name, digest, tags, indexes, attached }
}

/** What is meant, resolved: where, and which manifest. */
export function resolved({ host, repository, digest }: Affected): string {
  const rows: [string, string][] = [
    ['Host', host],
    ['Path', repository],
    ['Digest', digest],
  ]
  return rows.map(([title, value]) => `${pc.dim(title.padEnd(6))}  ${value}`).join('\n')
}

/** Lists of tags, each with its title. */
export function tagLists(...lists: [string, string[]][]): string {
  const rows = lists.map(([title, tags]) => [title, tags.length === 0 ? 'none' : tags.join(' ')])
  return table([{ title: '' }, { title: '', flexible: true }], rows)
}

/** What hangs on it, and what becomes of that. */
export function hanging({ attached, digest }: Affected, fate: string): string {
  return attached.length === 0 ? '' : `${attachedPart(attached, { digest, platforms: [] })}\n${fate}`
}

/** Indexes that would list what is gone. */
export function brokenIndexes({ indexes }: Affected): string {
  if (indexes.length === 0) return ''
  const named = indexes.map(({ digest, tags }) => tags[0] ?? short(digest))
  return `${pc.red('broken')} These indexes list it and would no longer be whole: ${named.join(' ')}`
}
