import type { Cause, Summary } from '../api/index.js'
import { short } from './format.js'
import { table } from './table.js'

/** Two tables: what goes and by which rule, what stays and what keeps it. */
export function causes({ causes }: Summary): string {
  const goes = causes.filter(({ verdict, groups }) => verdict === 'delete' && groups > 0)
  const stays = causes.filter(({ verdict, groups }) => verdict !== 'delete' && groups > 0)
  return [reasons('WHAT GOES', goes), reasons('WHAT STAYS, AND WHY', stays)].filter((part) => part !== '').join('\n\n')
}

function reasons(title: string, all: Cause[]): string {
  if (all.length === 0) return ''
  const rows = all.map((cause) => [because(cause), String(cause.groups), examples(cause)])
  return table([{ title }, { title: 'GROUPS', right: true }, { title: 'FOR EXAMPLE' }], rows)
}

const WORDS: Record<string, string> = {
  not_selected: 'no delete rule selects it',
  reachable: 'something that stays needs it',
  kind: 'a kind the policy does not name',
  member: 'belongs to what goes',
  in_use: 'blocked: in use',
  too_young: 'blocked: too young',
  grace: 'blocked: not condemned for long enough',
  locked: 'blocked: locked by the registry',
  report: 'blocked: a report is missing or wrong',
  cap: 'blocked: too much at once',
  not_planned: 'blocked: not in the plan',
}

/** Why something has its verdict, in a few words. */
export function because({ verdict, reason, rule }: Pick<Cause, 'verdict' | 'reason' | 'rule'>): string {
  if (rule !== null && (reason === 'keep_rule' || reason === 'delete_rule')) return `rule "${rule}"`
  return WORDS[reason] ?? `${verdict}: ${reason.replaceAll('_', ' ')}`
}

/** How many are named of what several share. */
export const EXAMPLES = 2
// two of them beside the longest common reason fill a terminal of 80 columns
const WIDTH = 20

function examples({ examples, groups }: Cause): string {
  const shown = examples.slice(0, EXAMPLES).map(example)
  return groups > shown.length ? `${shown.join(', ')}, …` : shown.join(', ')
}

/** A tag or a digest; of several repositories `host/name:tag` or `host/name@digest`, whose end says more. */
export function example(name: string): string {
  if (/^sha(256|512):/.test(name)) return `untagged ${short(name).slice(0, WIDTH - 9)}`
  const whole = name.replace(/@sha(256|512):(.{8}).*/, '@$2')
  if (whole.length <= WIDTH) return whole
  return whole.includes('/') ? `…${whole.slice(1 - WIDTH)}` : `${whole.slice(0, WIDTH - 1)}…`
}
