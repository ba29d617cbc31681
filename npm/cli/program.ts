import { Command } from 'commander'
import { applyVerb } from './verbs/apply.js'
import { blobVerb } from './verbs/blob.js'
import { capabilitiesVerb } from './verbs/capabilities.js'
import { configVerb } from './verbs/config.js'
import { deleteVerb } from './verbs/delete.js'
import { completionVerb } from './verbs/completion.js'
import { digestVerb } from './verbs/digest.js'
import { inspectVerb } from './verbs/inspect.js'
import { inventoryVerb } from './verbs/inventory.js'
import { manifestVerb } from './verbs/manifest.js'
import { planVerb } from './verbs/plan.js'
import { policyVerb } from './verbs/policy.js'
import { referrersVerb } from './verbs/referrers.js'
import { reportVerb } from './verbs/report.js'
import { reposVerb } from './verbs/repos.js'
import { restoreVerb } from './verbs/restore.js'
import { tagVerb } from './verbs/tag.js'
import { tagsVerb } from './verbs/tags.js'
import { tokenVerb } from './verbs/token.js'
import { untagVerb } from './verbs/untag.js'
import { common, type Run, type Verb } from './verb.js'
import { version } from './version.js'

const GROUPS: Record<string, Verb[]> = {
  'Read a registry:': [tagsVerb, reposVerb, inspectVerb, digestVerb, manifestVerb, blobVerb, referrersVerb, capabilitiesVerb],
  'Change a registry:': [tagVerb, untagVerb, deleteVerb],
  'Keep it clean:': [inventoryVerb, planVerb, applyVerb, restoreVerb, policyVerb, reportVerb],
  'Set up:': [configVerb, tokenVerb, completionVerb],
}

/** What `portreeve --help` says below the verbs. */
export const EPILOGUE = `
Exit codes:
  0 done   1 failed   2 bad input   3 not authorized   4 not found
  5 there are changes (with --exit-code)   6 partial   130 cancelled

Examples:
  $ portreeve tags 127.0.0.1:5555/shop/web
  $ portreeve inspect 127.0.0.1:5555/shop/web:v1.4.2
  $ portreeve plan shop --out plan.json
  $ portreeve apply plan.json

A reference is HOST/REPOSITORY[:TAG][@DIGEST], or @UPSTREAM/REPOSITORY... where
portreeve.json names the upstream.

Credentials come from what docker and Podman keep, their helpers included; from
PORTREEVE_TOKEN_GHCR_IO, or PORTREEVE_USERNAME_GHCR_IO and ..._PASSWORD_..., for
the host ghcr.io; or from the variables that portreeve.json names. What is public
is read without them.
NO_COLOR turns colours off.`

/** The command line as commander has it; completion and the reference page are made from it, too. */
export function commandLine(run: Run): Command {
  const program = new Command('portreeve')
    .description('Registry proxy and cleanup: read container registries, and keep them clean')
    .version(version, '--version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EPILOGUE)
  common(program)
  for (const [heading, verbs] of Object.entries(GROUPS)) {
    program.commandsGroup(heading)
    for (const verb of verbs) verb.add(program, run)
  }
  everyCommand(program, (command) =>
    command
      .exitOverride()
      .helpCommand(false)
      .configureHelp({ showGlobalOptions: true })
      .showHelpAfterError('(portreeve --help shows what there is)'),
  )
  return program
}

/** Does something to a command and to all below it. */
export function everyCommand(command: Command, apply: (command: Command) => void): void {
  apply(command)
  for (const child of command.commands) everyCommand(child, apply)
}
