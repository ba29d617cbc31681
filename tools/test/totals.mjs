// What every suite and check adds up to. The closing line is what a CI reads.

/** Counts passes, and keeps the names of what failed or was skipped. */
export class Totals {
  #passed = 0
  #failures = []
  #skips = []

  pass(count = 1) {
    this.#passed += count
  }

  /** `name` says which test, `problem` what went wrong (it was printed where it happened). */
  fail(name, problem) {
    this.#failures.push(problem ? `${name}: ${problem}` : name)
  }

  /** Every skip has a reason that a person can act on. */
  skip(name, reason) {
    this.#skips.push({ name, reason: reason || 'no reason given' })
  }

  /** Does one check, which fails by throwing. */
  async check(name, work) {
    try {
      await work()
      this.pass()
      return true
    } catch (error) {
      console.error(`✖ ${name}: ${error.message}`)
      this.fail(name, error.message)
      return false
    }
  }

  /** Prints what failed, what was skipped and why, and the closing line; answers the exit code. */
  close() {
    if (this.#skips.length > 0) console.log(`\nSkipped:\n${groupByReason(this.#skips)}`)
    if (this.#failures.length > 0) console.log(`\nFailed:\n${this.#failures.map((failure) => `  ✖ ${failure}`).join('\n')}`)
    console.log(`\n${this.#passed} passed, ${this.#failures.length} failed, ${this.#skips.length} skipped`)
    return this.#failures.length > 0 || this.#passed === 0 ? 1 : 0
  }
}

function groupByReason(skips) {
  const names = Map.groupBy(skips, ({ reason }) => reason)
  return [...names].map(([reason, group]) => `  ${reason}\n${group.map(({ name }) => `    - ${name}`).join('\n')}`).join('\n')
}
