import { Command, CommanderError } from 'commander'
import { exit, report } from './failure.js'
import { applyVerb } from './verbs/apply.js'
import { configVerb } from './verbs/config.js'
import { inspectVerb } from './verbs/inspect.js'
import { manifestVerb } from './verbs/manifest.js'
import { planVerb } from './verbs/plan.js'
import { restoreVerb } from './verbs/restore.js'
import { tagsVerb } from './verbs/tags.js'
import { tokenVerb } from './verbs/token.js'
import type { Verb } from './verb.js'
import { version } from './version.js'

const VERBS: Verb[] = [tagsVerb, manifestVerb, inspectVerb, planVerb, applyVerb, restoreVerb, tokenVerb, configVerb]

const EPILOGUE = `
Exit codes:
  0 done   1 failed   2 bad input   3 not authorized   4 not found
  5 there are changes (with --exit-code)   6 partial   130 cancelled

Examples:
  $ portreeve tags 127.0.0.1:5555/shop/web
  $ portreeve inspect 127.0.0.1:5555/shop/web:v1.4.2
  $ portreeve plan shop --out plan.json
  $ portreeve apply plan.json

Credentials come from ~/.docker/config.json, or from the environment variables that portreeve.json names.
NO_COLOR turns colours off.`

/** Runs one command line, and gives the exit code. */
export async function main(args: string[]): Promise<number> {
  let status: number = exit.ok
  const program = new Command('portreeve')
    .description('Registry proxy and cleanup: read container registries, and keep them clean')
    .version(version, '--version')
    .helpCommand(false)
    .addHelpText('after', EPILOGUE)
  for (const verb of VERBS) {
    verb.add(program, async (run) => {
      status = await run()
    })
  }
  everyCommand(program, (command) =>
    command.exitOverride().showHelpAfterError('(portreeve --help shows what there is)'),
  )
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    // commander has said it already
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.badInput
    return report(error, args.includes('--json'))
  }
}

function everyCommand(command: Command, apply: (command: Command) => void): void {
  apply(command)
  for (const child of command.commands) everyCommand(child, apply)
}
