// Fuzzing for long: one target after the other, at low priority; what reaches further joins the corpus.

import { setPriority } from 'node:os'

import { Failure, run, step } from '../command.mjs'
import { TARGETS, cargoOfFuzz, fuzzing, merging, whyNot } from './targets.mjs'

const LOWEST = 19

/** Runs the targets named, or all, for so many minutes each. */
export async function fuzz(names, { minutes, merge }) {
  const unknown = names.filter((name) => !TARGETS.includes(name))
  if (unknown.length > 0) throw new Failure(`no such fuzz target: ${unknown.join(', ')}. There are: ${TARGETS.join(', ')}`)
  const reason = whyNot()
  if (reason) throw new Failure(reason)
  setPriority(LOWEST)
  const folder = await step('fuzz targets', () => cargoOfFuzz('build'))
  for (const target of names.length > 0 ? names : TARGETS) {
    await step(`${target}, ${minutes} minutes`, () => run(...fuzzing(folder, target, minutes * 60)))
    if (merge) await step(`${target}, merging`, () => run(...merging(folder, target), { quiet: true }))
  }
}
