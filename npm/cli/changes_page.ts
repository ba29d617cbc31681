import pc from 'picocolors'
import type { Change, ChangedRepository, Changes, Decided } from '../api/index.js'
import { plural, short, when } from './format.js'
import { because } from './plan_causes.js'
import { table } from './table.js'

const MOST_ROWS = 20

/** In what two plans differ: what is deleted now and was not comes first. */
export function changesPage(changes: Changes): string {
  const { old, new: recent, repositories } = changes
  const head = `${pc.bold('Changes')} from the plan of ${when(old.now)} to that of ${when(recent.now)} UTC`
  const policy = old.policyHash === recent.policyHash ? [] : [`${pc.yellow('the policy is another one')}`]
  const nothing = repositories.length === 0 ? ['Both plans say the same.'] : []
  return [head, ...policy, ...nothing, ...repositories.map(repository)].join('\n\n')
}

const PLACE = { both: '', old: ': only the older plan has it', new: ': only the newer plan has it' }

function repository({ host, name, in: place, ...lists }: ChangedRepository): string {
  const parts = [
    list('GOES NOW', lists.newlyDeleted),
    list('STAYS NOW', lists.noLongerDeleted),
    list('DECIDED OTHERWISE', lists.changed),
    list('APPEARED', lists.appeared),
    list('GONE', lists.gone),
  ]
  return [pc.bold(`${host}/${name}`) + PLACE[place], ...parts.filter((part) => part !== '')].join('\n\n')
}

function list(title: string, changes: Change[]): string {
  if (changes.length === 0) return ''
  const rows = changes.slice(0, MOST_ROWS).map((change) => [named(change), decided(change.before), decided(change.after)])
  const more = changes.length - rows.length
  const head = [{ title: `${title} (${changes.length})` }, { title: 'BEFORE' }, { title: 'NOW', flexible: true }]
  return `${table(head, rows)}${more > 0 ? `\nand ${plural(more, 'other')}: --json has all of them` : ''}`
}

function named({ tags, digest }: Change): string {
  const [tag = short(digest), ...others] = tags
  const name = tag.length > 30 ? `${tag.slice(0, 29)}…` : tag
  return others.length > 0 ? `${name} +${others.length}` : name
}

function decided(decision: Decided | null): string {
  if (decision === null) return ''
  const why = because(decision)
  return why.startsWith(`${decision.verdict}: `) ? why : `${decision.verdict}: ${why}`
}
