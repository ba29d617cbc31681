import { CommanderError } from 'commander'
import { exit, report } from './failure.js'
import { commandLine } from './program.js'

/** Runs one command line, and gives the exit code. */
export async function main(args: string[]): Promise<number> {
  let status: number = exit.ok
  const program = commandLine(async (work) => {
    status = await work()
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    // commander has said it already
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.badInput
    return report(error, args.includes('--json'))
  }
}
