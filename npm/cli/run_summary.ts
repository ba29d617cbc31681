import pc from 'picocolors'
import type { Restored, Run, RunGroup, RunRepository } from '../api/index.js'
import { plural, short } from './format.js'
import { table } from './table.js'

/** What a run did, and what it left and why. */
export function runSummary({ state, run, repositories }: Run): string {
  const colour = state === 'done' ? pc.green : pc.yellow
  return [`Run ${pc.bold(run)} is ${colour(state)}`, ...repositories.map(repository)].join('\n\n')
}

function repository({ host, name, state, problem, deleted, groups, putBack }: RunRepository): string {
  const left = groups.filter(({ ending }) => ending !== 'deleted')
  const rows = left.map((group) => [label(group), group.ending.replaceAll('_', ' '), why(group)])
  return [
    pc.bold(`${host}/${name}`),
    `deleted ${plural(deleted.groups, 'group')} (${plural(deleted.manifests, 'manifest')})`,
    ...(putBack.length > 0 ? [`put back ${plural(putBack.length, 'manifest')} that something needs`] : []),
    ...(problem === undefined ? [] : [`${pc.red(state)} ${pc.dim(problem.code)} ${problem.message}`]),
    ...(rows.length > 0 ? [table([{ title: 'LEFT' }, { title: 'HOW' }, { title: 'WHY', flexible: true }], rows)] : []),
  ].join('\n')
}

function label({ tags, digest }: RunGroup): string {
  return tags[0] ?? short(digest)
}

function why({ explanation, problem, undone }: RunGroup): string {
  if (problem === undefined) return explanation ?? ''
  return undone === false ? `${problem.message}; it is half gone, restore brings it back` : problem.message
}

/** What came back, and what did not. */
export function restoredSummary({ run, whole, groups }: Restored): string {
  const back = groups.filter(({ problem }) => problem === undefined)
  const rows = groups.flatMap(({ tags, digest, moved, problem }) => [
    ...(problem === undefined ? [] : [[tags[0] ?? short(digest), `not back: ${problem.message}`]]),
    ...moved.map(({ tag, shows }) => [tag, `stays at ${short(shows)}, where somebody set it meanwhile`]),
  ])
  const state = whole ? pc.green('back whole') : pc.yellow('back in part')
  return [
    `Run ${pc.bold(run)} is ${state}: ${plural(back.length, 'group')} of ${groups.length}`,
    ...(rows.length > 0 ? [table([{ title: 'WHAT' }, { title: 'STATE', flexible: true }], rows)] : []),
  ].join('\n')
}
