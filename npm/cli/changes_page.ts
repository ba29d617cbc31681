import pc from 'picocolors'
import type { Change, ChangedRepository, Changes } from '../api/index.js'
import { when } from './format.js'
import { because, example, EXAMPLES } from './plan_causes.js'
import { table } from './table.js'

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
  const kinds = new Map<string, Change[]>()
  for (const change of changes) {
    const kind = kindOf(change)
    kinds.set(kind, [...(kinds.get(kind) ?? []), change])
  }
  const rows = [...kinds]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([kind, members]) => [kind, String(members.length), examples(members)])
  return table([{ title, flexible: true }, { title: 'MANIFESTS', right: true }, { title: 'FOR EXAMPLE' }], rows)
}

function kindOf({ before, after }: Change): string {
  const [was, is] = [before, after].map((decided) => (decided === null ? undefined : because(decided)))
  if (was === undefined || is === undefined) return was ?? is ?? ''
  return was === is ? `${is}, with other tags` : `${was} → ${is}`
}

function examples(changes: Change[]): string {
  const tagged = changes.filter(({ tags }) => tags.length > 0)
  const shown = (tagged.length > 0 ? tagged : changes).slice(0, EXAMPLES).map(({ tags, digest }) => example(tags[0] ?? digest))
  return changes.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ')
}
