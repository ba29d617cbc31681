import pc from 'picocolors'
import type { Plan, PlannedImage, PlannedRepository, Summary, Verdict } from '../api/index.js'
import { plural, short, when } from './format.js'
import { table } from './table.js'

const VERDICTS: Verdict[] = ['delete', 'blocked', 'unknown', 'keep']
const COLOUR: Record<Verdict, (text: string) => string> = {
  delete: pc.red,
  blocked: pc.yellow,
  unknown: pc.yellow,
  keep: pc.green,
}

/** A plan as a person reads it in seconds: warnings, counts, what goes, what protects the rest. */
export function summary(plan: Plan): string {
  const simulated = plan.simulated ? pc.yellow(', simulated: it cannot be applied') : ''
  const head = `${pc.bold(`Plan of ${plan.job}`)}, ${when(plan.now)} UTC${simulated}`
  return [head, ...plan.repositories.map(repository)].join('\n\n')
}

function repository({ host, name, summary, images }: PlannedRepository): string {
  const roots = images.filter(({ role }) => role === 'root')
  return [
    pc.bold(`${host}/${name}`),
    (summary.warnings ?? []).map((warning) => `${pc.yellow('warning')} ${warning}`).join('\n'),
    counts(summary),
    reasons(
      'WHAT GOES',
      roots.filter(({ verdict }) => verdict === 'delete'),
    ),
    reasons(
      'WHAT STAYS, AND WHY',
      roots.filter(({ verdict }) => verdict !== 'delete'),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function counts(summary: Summary): string {
  const rows = VERDICTS.map((verdict) => {
    const { groups, manifests } = summary[verdict]
    return [groups > 0 ? COLOUR[verdict](verdict) : verdict, String(groups), String(manifests)]
  })
  return table([{ title: 'VERDICT' }, { title: 'GROUPS', right: true }, { title: 'MANIFESTS', right: true }], rows)
}

function reasons(title: string, roots: PlannedImage[]): string {
  const groups = new Map<string, PlannedImage[]>()
  for (const root of roots) {
    const reason = `${VERDICTS.indexOf(root.verdict)} ${because(root)}`
    groups.set(reason, [...(groups.get(reason) ?? []), root])
  }
  if (groups.size === 0) return ''
  const rows = [...groups]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([, members]) => [because(members[0]), String(members.length), examples(members)])
  return table([{ title }, { title: 'GROUPS', right: true }, { title: 'FOR EXAMPLE' }], rows)
}

const WORDS: Record<string, string> = {
  not_selected: 'no delete rule selects it',
  reachable: 'something that stays needs it',
  kind: 'a kind the policy does not name',
  too_young: 'blocked: too young',
  locked: 'blocked: locked by the registry',
  cap: 'blocked: too much at once',
  not_planned: 'blocked: not in the plan',
}

function because(image: PlannedImage | undefined): string {
  if (image === undefined) return ''
  const { verdict, reason, rule } = image
  if (rule !== null && (reason === 'keep_rule' || reason === 'delete_rule')) return `rule "${rule}"`
  return WORDS[reason] ?? `${verdict}: ${reason.replaceAll('_', ' ')}`
}

const EXAMPLES = 2
// two of them beside the longest common reason fill a terminal of 80 columns
const WIDTH = 20

function examples(images: PlannedImage[]): string {
  const names = images.map(({ tags, digest }) => tags[0] ?? `untagged ${short(digest).slice(0, WIDTH - 9)}`)
  const shown = names.slice(0, EXAMPLES).map((name) => (name.length > WIDTH ? `${name.slice(0, WIDTH - 1)}…` : name))
  return names.length > EXAMPLES ? `${shown.join(', ')}, …` : shown.join(', ')
}

/** One line about what a plan would delete. */
export function deletions({ summary, repositories }: Plan): string {
  const where = repositories.map(({ host, name }) => `${host}/${name}`).join(', ')
  return `${plural(summary.delete.groups, 'group')} (${plural(summary.delete.manifests, 'manifest')}) in ${where}`
}
