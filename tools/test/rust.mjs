// The Rust suite: unit tests, tests/main.rs, examples and documentation, natively.

import { eachLine } from './output.mjs'

/** Runs it and adds it to the totals. */
export async function rustSuite(totals) {
  let failed = 0
  const problem = await eachLine('cargo', ['test', '--locked', '--all-features', '--no-fail-fast'], {
    line(text) {
      console.log(text)
      const [, name, outcome, reason] = /^test (.+) \.\.\. (FAILED|ignored)(?:, (.+))?$/.exec(text) ?? []
      if (outcome === 'FAILED') totals.fail(`rust: ${name}`, ((failed += 1), undefined))
      if (outcome === 'ignored') totals.skip(`rust: ${name}`, reason)
      const [, passed] = /^test result: .+? ([0-9]+) passed; /.exec(text) ?? []
      if (passed) totals.pass(Number(passed))
    },
  })
  // what did not compile, or died, names no test
  if (problem && failed === 0) totals.fail('rust', `cargo test ended with ${problem}`)
}
