import pc from 'picocolors'
import type { Outcome, Verdict, Why, WhyRule } from '../api/index.js'
import { plural, short } from './format.js'
import { table } from './table.js'

const MOST_TRIALS = 40

/** Why one image has its verdict: the verdict first, then what leads to it, what was tried, who uses it. */
export function whyPage(why: Why): string {
  const { host, repository, digest, tags, verdict, explanation } = why
  const name = tags[0] === undefined ? `@${short(digest)}` : `:${tags[0]}`
  const parts = [
    pc.bold(`${host}/${repository}${name}`),
    facts(why),
    `${coloured(verdict)}: ${explanation}`,
    path(why),
    rules(why),
    forbidden(why),
    uses(why),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

const PART = { root: '', child: 'a child of', referrer: 'attached to', fallback: 'a list of what is attached to' }

function facts({ digest, tags, role, group }: Why): string {
  const rows = [
    ['Digest', digest],
    ['Tags', tags.length > 0 ? tags.join(', ') : 'none'],
    ...(role === 'root' ? [] : [['Is', `${PART[role]} ${short(group)}`]]),
  ]
  return table([{ title: '' }, { title: '', flexible: true }], rows)
}

function coloured(verdict: Verdict): string {
  return pc.bold({ keep: pc.green, delete: pc.red, blocked: pc.yellow, unknown: pc.yellow }[verdict](verdict))
}

const BY = { child: 'its child', parent: 'listed in', referrer: 'attached to it', subject: 'attached to' }

const NAME = 40

/** From what decides to itself, each with its verdict; its own was said before. */
function path({ path }: Why): string {
  if (path.length < 2) return ''
  const lines = path.map(({ digest, tags, by, verdict, explanation }, place) => {
    const [tag = short(digest), ...others] = tags
    const name = `${tag.length > NAME ? `${tag.slice(0, NAME - 1)}…` : tag}${others.length > 0 ? ` +${others.length}` : ''}`
    const lead = by === null ? '' : `${'  '.repeat(place - 1)}└ ${BY[by]} `
    return `${lead}${pc.bold(name)}${place === path.length - 1 ? '' : ` ${coloured(verdict)}: ${explanation}`}`
  })
  return [pc.dim('THE WAY TO IT'), ...lines].join('\n')
}

const OUTCOME: Record<Outcome, (text: string) => string> = { yes: pc.green, no: pc.dim, unknown: pc.yellow }

function outcome(given: Outcome, fact: string | null): string {
  return OUTCOME[given](fact === null ? given : `${given} (${fact.replaceAll('_', ' ')})`)
}

function rules({ rules, digest, askedAbout, tagsLeftOut }: Why): string {
  const rows = rules.slice(0, MOST_TRIALS).flatMap(trial)
  if (rows.length === 0) return askedAbout === null ? 'No rule was asked.' : 'There are no rules.'
  const about = askedAbout === null || askedAbout === digest ? '' : `The rules were asked about ${short(askedAbout)}.\n\n`
  const left = rules.length - MOST_TRIALS
  const more = [
    ...(left > 0 ? [`and ${plural(left, 'further trial')}: --json has them`] : []),
    ...(tagsLeftOut > 0 ? [`and the same of ${plural(tagsLeftOut, 'further tag')}`] : []),
  ]
  const head = [{ title: 'RULES TRIED' }, { title: 'HOLDS' }, { title: 'FOUND', flexible: true }]
  return [`${about}${table(head, rows)}`, ...more].join('\n')
}

function trial({ rule, keeps, tag, outcome: matches, fact, conditions }: WhyRule): string[][] {
  return [
    [pc.bold(`${keeps ? 'keep' : 'delete'} "${rule}"`), outcome(matches, fact), tag === null ? '' : `tag ${tag}`],
    ...conditions.map(({ condition, outcome: holds, fact, found }) => [`  ${condition}`, outcome(holds, fact), found ?? '']),
  ]
}

function forbidden({ forbidden, digest }: Why): string {
  const rows = forbidden.map(({ reason, digest: of, explanation }) => [
    reason.replaceAll('_', ' '),
    `${explanation}${of === digest ? '' : ` (${short(of)})`}`,
  ])
  return rows.length === 0 ? '' : table([{ title: 'WHAT FORBIDS ITS DELETION' }, { title: '', flexible: true }], rows)
}

function uses({ uses }: Why): string {
  const rows = uses.map(({ report, names, sources, more }) => [
    report,
    names.replace(/@(sha256|sha512):([0-9a-f]{12})[0-9a-f]+/, '@$1:$2…'),
    [...sources, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
  ])
  return rows.length === 0 ? '' : table([{ title: 'IN USE BY REPORT' }, { title: 'WHICH NAMES' }, { title: 'USED BY', flexible: true }], rows)
}
