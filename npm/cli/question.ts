import { createInterface } from 'node:readline/promises'
import pc from 'picocolors'
import { RegistryError } from '../api/index.js'
import { exit } from './failure.js'
import { harmless } from './output.js'

/** Whether somebody sits at the terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Has a person type `word`; anything else gives up. */
export async function confirm(question: string, word: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  terminal.on('SIGINT', () => process.exit(exit.cancelled))
  try {
    const answer = await terminal.question(harmless(`${question}\nType ${pc.bold(word)} to go on: `))
    if (answer.trim() === word) return
  } finally {
    terminal.close()
  }
  throw new RegistryError({ code: 'cancelled', message: 'nothing was deleted' })
}
