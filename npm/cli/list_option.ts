import { InvalidArgumentError, Option } from 'commander'

/** An option that takes several of a few words, separated by commas: help and completion know them. */
export class ListOption extends Option {
  readonly words: readonly string[]

  constructor(flags: string, description: string, words: readonly string[]) {
    super(flags, `${description}: ${words.join(', ')}`)
    this.words = words
    this.argParser((value: string) => this.#read(value))
  }

  #read(value: string): string[] {
    const given = value.split(',').map((word) => word.trim())
    const wrong = given.find((word) => !this.words.includes(word))
    if (wrong === undefined) return [...new Set(given)]
    throw new InvalidArgumentError(`\`${wrong}\` is none of ${this.words.join(', ')}.`)
  }
}
