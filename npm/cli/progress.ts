import { SingleBar } from 'cli-progress'
import { bytes } from './format.js'
import { harmless } from './output.js'
import { progressLine } from './terminal.js'

const SHOW_AFTER = 800
const MILLISECONDS_BETWEEN = 100

/** A line that counts on standard error, on a terminal only, and only for work that takes long. */
export class Progress {
  readonly #what: string
  readonly #unit: 'things' | 'bytes'
  readonly #started = Date.now()
  // an interrupt must not leave half a line behind
  readonly #end = () => this.end()
  #bar: SingleBar | undefined

  constructor(what: string, unit: 'things' | 'bytes' = 'things') {
    this.#what = harmless(what)
    this.#unit = unit
  }

  /** Draws how far it is: in words, and where it is known how much there is, as a bar. */
  update(phase: string, done?: number, known?: number): void {
    if (!process.stderr.isTTY || Date.now() - this.#started < SHOW_AFTER) return
    const of = known === undefined ? '' : ` of ${this.#count(known)}`
    const counted = done === undefined ? '' : `${this.#count(done)}${of}`
    const payload = { state: [phase, counted].filter((part) => part !== '').join(' ') }
    if (this.#bar === undefined) {
      this.#bar = this.#opened(known !== undefined)
      this.#bar.start(known ?? 0, done ?? 0, payload)
      progressLine.isDrawn = true
      process.once('exit', this.#end)
    } else {
      if (known !== undefined) this.#bar.setTotal(known)
      this.#bar.update(done ?? 0, payload)
    }
  }

  /** Takes the line away. */
  end(): void {
    process.removeListener('exit', this.#end)
    this.#bar?.stop()
    this.#bar = undefined
    progressLine.isDrawn = false
  }

  #opened(hasTotal: boolean): SingleBar {
    return new SingleBar({
      format: `${this.#what}: ${hasTotal ? '{bar} ' : ''}{state}`,
      barsize: 20,
      barCompleteChar: '━',
      barIncompleteChar: '─',
      fps: 1000 / MILLISECONDS_BETWEEN,
      stream: process.stderr,
      clearOnComplete: true,
      linewrap: true,
      gracefulExit: false,
    })
  }

  #count(count: number): string {
    return this.#unit === 'bytes' ? bytes(count) : String(count)
  }
}
