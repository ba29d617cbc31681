const SHOW_AFTER = 500
const EVERY = 100

/** A line that counts, on a terminal only, and only for work that takes long. */
export class Progress {
  readonly #what: string
  readonly #started = Date.now()
  #drawn = 0

  constructor(what: string) {
    this.#what = what
  }

  /** Draws the state, unless it was drawn a moment ago. */
  update(phase: string, done: number, known: number): void {
    const now = Date.now()
    if (!process.stderr.isTTY || now - this.#started < SHOW_AFTER || now - this.#drawn < EVERY) return
    this.#drawn = now
    process.stderr.write(`\r\x1b[2K${this.#what}: ${phase} ${done} of ${known}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#drawn > 0) process.stderr.write('\r\x1b[2K')
  }
}
