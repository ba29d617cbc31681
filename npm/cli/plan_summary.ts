import pc from 'picocolors'
import type { DatedGroup, PlanDocument, PlannedReport, PlannedRepository, Summary, Verdict } from '../api/index.js'
import { bytesBetween, day, plural, when } from './format.js'
import { causes } from './plan_causes.js'
import { table } from './table.js'

const COLOUR: Record<Verdict, (text: string) => string> = {
  delete: pc.red,
  blocked: pc.yellow,
  unknown: pc.yellow,
  keep: pc.green,
}

// above this many, a person wants the whole and where most of it lies
const EACH = 3
const MOST_WARNINGS = 10
const MOST_UNMANAGED = 20

/** A plan as a person reads it in seconds: warnings, counts, what goes, what protects the rest. */
export function summary(plan: PlanDocument): string {
  const { repositories } = plan
  const simulated = plan.simulated ? pc.yellow(', simulated: it cannot be applied') : ''
  const head = `${pc.bold(`Plan of ${plan.job}`)}, ${when(plan.now)} UTC${simulated}`
  const one = repositories.length === 1
  const parts = [
    head,
    warnings(plan),
    reports(plan.reports),
    ...(one ? [] : [pc.bold(plural(repositories.length, 'repository', 'repositories')), whole(plan.summary)]),
    ...(repositories.length > EACH ? [largest(plan)] : repositories.flatMap(repository)),
    unmanaged(plan),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function repository({ host, name, summary }: PlannedRepository): string[] {
  return [pc.bold(`${host}/${name}`), whole(summary)]
}

function whole(summary: Summary): string {
  return [counts(summary), causes(summary)].filter((part) => part !== '').join('\n\n')
}

/** All of them, those of the whole plan first; what is said of several repositories, once. */
function warnings({ summary, repositories }: PlanDocument): string {
  const places = new Map<string, string[]>()
  for (const { host, name, summary } of repositories) {
    for (const text of summary.warnings ?? []) places.set(text, [...(places.get(text) ?? []), `${host}/${name}`])
  }
  const where = (at: string[]) => {
    if (repositories.length === 1) return ''
    return at.length > 1 ? `${plural(at.length, 'repository', 'repositories')} such as ${at[0]}: ` : `${at[0]}: `
  }
  const all = [...(summary.warnings ?? []), ...[...places].map(([text, at]) => `${where(at)}${text}`)]
  const shown = all.slice(0, MOST_WARNINGS).map((text) => `${pc.yellow('warning')} ${text}`)
  const more = all.length - shown.length
  return [...shown, ...(more > 0 ? [`${plural(more, 'more warning')}: the plan has them (--out FILE)`] : [])].join('\n')
}

function reports(all: PlannedReport[]): string {
  if (all.length === 0) return ''
  const rows = all.map(({ name, kind, size, takenAt, breach, explanation, required }) => [
    name,
    size === null ? '' : plural(size, kind.slice(0, -1)),
    takenAt === null ? '' : when(takenAt),
    breach === null ? pc.green('relied on') : `${pc.yellow(required ? 'blocks all' : 'not relied on')}: ${explanation ?? breach}`,
  ])
  return table([{ title: 'REPORT' }, { title: 'LISTS', right: true }, { title: 'TAKEN (UTC)' }, { title: '', flexible: true }], rows)
}

const VERDICTS: Verdict[] = ['delete', 'blocked', 'unknown', 'keep']

function counts(summary: Summary): string {
  const { freed, oldest, newest } = summary
  const rows = VERDICTS.map((verdict) => {
    const { groups, manifests } = summary[verdict]
    const name = groups > 0 ? COLOUR[verdict](verdict) : verdict
    const facts = verdict === 'delete' && groups > 0 ? [freed === null ? '' : bytesBetween(freed), dated(oldest), dated(newest)] : []
    return [name, String(groups), String(manifests), ...facts, '', '', ''].slice(0, 6)
  })
  const head = [
    { title: 'VERDICT' },
    { title: 'GROUPS', right: true },
    { title: 'MANIFESTS', right: true },
    { title: 'FREES', right: true },
    { title: 'OLDEST' },
    { title: 'NEWEST' },
  ]
  // a column in which nothing stands says nothing
  const told = head.map((_, column) => column < 3 || rows.some((row) => row[column] !== ''))
  const kept = <Cell>(cells: Cell[]) => cells.filter((_, column) => told[column])
  return table(kept(head), rows.map(kept))
}

function dated(group: DatedGroup | null): string {
  if (group === null) return ''
  const words = { pushed: '', created: ' (built)', firstSeen: ' (first seen)' }
  return `${day(group.time)}${words[group.by]}`
}

function largest({ largest, repositories }: PlanDocument): string {
  if (largest.length === 0) return ''
  const rows = largest.map(({ host, name, groups, manifests, freed }) => [
    `${host}/${name}`,
    String(groups),
    String(manifests),
    freed === null ? '' : bytesBetween(freed),
  ])
  const all = repositories.filter(({ summary }) => summary.delete.groups > 0).length
  const rest = all > rows.length ? `\n${plural(all - rows.length, 'other')} with less to delete` : ''
  const bytes = largest.some(({ freed }) => freed !== null) ? [{ title: 'FREES', right: true }] : []
  const head = [{ title: 'MOST IS DELETED IN', flexible: true }, { title: 'GROUPS', right: true }, { title: 'MANIFESTS', right: true }]
  const shown = bytes.length > 0 ? rows : rows.map((row) => row.slice(0, 3))
  return `${table([...head, ...bytes], shown)}${rest}`
}

function unmanaged({ unmanaged }: PlanDocument): string {
  if (unmanaged.length === 0) return ''
  const names = unmanaged.slice(0, MOST_UNMANAGED).map(({ host, name }) => `  ${host}/${name}`)
  const more = unmanaged.length - names.length
  const title = `${pc.bold('No job cleans')} ${plural(unmanaged.length, 'repository', 'repositories')} that the registry lists:`
  return [title, ...names, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}

/** One line about what a plan would delete. */
export function deletions({ summary, repositories }: PlanDocument): string {
  const [only] = repositories
  const where =
    only !== undefined && repositories.length === 1
      ? `${only.host}/${only.name}`
      : plural(repositories.filter((one) => one.summary.delete.groups > 0).length, 'repository', 'repositories')
  return `${plural(summary.delete.groups, 'group')} (${plural(summary.delete.manifests, 'manifest')}) in ${where}`
}
