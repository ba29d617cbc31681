import pc from 'picocolors'
import type { Answer, Why, WhyRule } from '../api/index.js'
import { plural, short } from './format.js'
import { table } from './table.js'

const MOST_RULES = 40

/** Why one image has its verdict: the verdict first, then what was tried, then what protects it. */
export function whyPage(why: Why): string {
  const { host, repository, digest, tags, explanation } = why
  const parts = [
    pc.bold(`${host}/${repository}${tags[0] === undefined ? `@${short(digest)}` : `:${tags[0]}`}`),
    facts(why),
    `${verdict(why)} ${explanation}`,
    path(why),
    rules(why.rules),
    restraints(why),
    uses(why),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function facts({ digest, tags, kind, role, group }: Why): string {
  const part = { root: '', child: 'child of', referrer: 'attached to', fallback: 'fallback tag of' }[role]
  const rows = [
    ['Digest', digest],
    ['Tags', tags.length > 0 ? tags.join(', ') : 'none'],
    ['Kind', role === 'root' ? kind : `${kind}, ${part} ${short(group)}`],
  ]
  return table([{ title: '' }, { title: '', flexible: true }], rows)
}

function verdict({ verdict }: Why): string {
  const colour = { keep: pc.green, delete: pc.red, blocked: pc.yellow, unknown: pc.yellow }[verdict]
  return pc.bold(colour(verdict))
}

const ANSWER: Record<Answer, (text: string) => string> = { yes: pc.green, no: pc.dim, unknown: pc.yellow }

function answer(given: Answer): string {
  return ANSWER[given](given)
}

function rules(all: WhyRule[]): string {
  if (all.length === 0) return ''
  const rows = all.slice(0, MOST_RULES).flatMap(({ name, keeps, tag, answer: matches, conditions }) => [
    [pc.bold(`${keeps ? 'keep' : 'delete'} "${name}"`), answer(matches), tag === null ? '' : `tag ${tag}`],
    ...conditions.map(({ condition, answer: holds, found }) => [`  ${condition}`, answer(holds), found]),
  ])
  const more = all.length - MOST_RULES
  const rest = more > 0 ? `\nand ${plural(more, 'further trial')}: --json has all of them` : ''
  return `${table([{ title: 'RULES TRIED' }, { title: 'MATCHES' }, { title: 'FOUND', flexible: true }], rows)}${rest}`
}

function restraints({ restraints }: Why): string {
  const rows = restraints.map(({ reason, answer: forbids, found }) => [reason.replaceAll('_', ' '), answer(forbids), found])
  return rows.length === 0 ? '' : table([{ title: 'WHAT COULD FORBID IT' }, { title: 'DOES' }, { title: 'FOUND', flexible: true }], rows)
}

function uses({ inUse }: Why): string {
  const rows = inUse.map(({ use, sources, more }) => [use, [...sources, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')])
  return rows.length === 0 ? '' : table([{ title: 'IN USE' }, { title: 'BY', flexible: true }], rows)
}

const BY = { child: 'lists', referrer: 'is described by', subject: 'describes', index: 'is listed by' }

/** From what protects it, line by line. */
function path({ path }: Why): string {
  if (path.length < 2) return ''
  const lines = path.map(({ digest, tags, by }, place) => {
    const name = tags.length > 0 ? `${tags.join(', ')} (${short(digest)})` : short(digest)
    return place === 0 || by === null ? name : `${'  '.repeat(place)}${BY[by]} ${name}`
  })
  return `${pc.dim('WHAT PROTECTS IT')}\n${lines.join('\n')}`
}
