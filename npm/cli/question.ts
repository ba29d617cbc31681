import { createInterface } from 'node:readline/promises'
import pc from 'picocolors'
import { RegistryError } from '../api/index.js'
import { exit, invalid } from './failure.js'
import { harmless } from './output.js'

/** Makes sure, once, that somebody wants it: at a terminal by a question, elsewhere by `--yes`. */
export async function confirm(question: string, word: string, { yes }: { yes?: boolean }): Promise<void> {
  if (yes === true) return
  if (!canAsk()) throw invalid('this deletes, and here is no terminal to ask at: look at what it does, then add --yes')
  const answer = await ask(harmless(`${question}\nType ${pc.bold(word)} to go on: `))
  if (answer.trim() !== word) throw new RegistryError({ code: 'cancelled', message: 'nothing was deleted' })
}

function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  terminal.on('SIGINT', () => {
    process.stderr.write('\n')
    process.exit(exit.cancelled)
  })
  try {
    return await terminal.question(question)
  } catch {
    // Ctrl-D closes it without an answer
    process.stderr.write('\n')
    return ''
  } finally {
    terminal.close()
  }
}
