// The fuzz suite: each target for a few seconds, over its corpus first. It finds what came back, not
// what is new; `npm run fuzz` looks for that.

import { step } from '../command.mjs'
import { TARGETS, cargoOfFuzz, fuzzing, whyNot } from '../fuzz/targets.mjs'
import { eachLine } from './output.mjs'

const SECONDS = 3

/** Runs it and adds it to the totals: one test a target. */
export async function fuzzSuite(totals) {
  const reason = whyNot()
  if (reason) {
    for (const target of TARGETS) {
      if (process.env.CI === 'true') totals.fail(`fuzz: ${target}`, reason)
      else totals.skip(`fuzz: ${target}`, reason)
    }
    return
  }
  let folder
  const built = await totals.check('fuzz targets', async () => {
    folder = await step('fuzz targets', () => cargoOfFuzz('build'))
  })
  if (!built) return TARGETS.forEach((target) => totals.fail(`fuzz: ${target}`, 'not run, because the build failed'))
  for (const target of TARGETS) {
    const output = []
    const problem = await eachLine(...fuzzing(folder, target, SECONDS), {
      errors: 'piped',
      line: (text) => output.push(text),
    })
    const runs = output.find((text) => text.startsWith('Done ')) ?? ''
    console.log(`${problem ? '✖' : '✔'} fuzz: ${target} ${runs}`)
    if (problem) {
      console.log(output.join('\n'))
      totals.fail(`fuzz: ${target}`, `it ended with ${problem}; the input is in build/fuzz`)
    } else {
      totals.pass()
    }
  }
}
