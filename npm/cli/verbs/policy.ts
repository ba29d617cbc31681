import type { Command } from 'commander'
import pc from 'picocolors'
import { type Problem, policy, type ReadPolicy } from '../../api/index.js'
import { naming, requireConfiguration } from '../configuration.js'
import { exit, invalid, placed } from '../failure.js'
import { plural } from '../format.js'
import { inputName, inputText } from '../input.js'
import { json, line, note } from '../output.js'
import { type CommonOptions, does, examples, type Run, type Verb } from '../verb.js'

interface PolicyOptions extends CommonOptions {
  job?: string
}

/** `portreeve policy explain` and `portreeve policy check` */
export const policyVerb: Verb = {
  add(program, run) {
    const policy = program.command('policy').description('what a policy says, and what is wrong with it')
    const explains = part(policy, run, 'explain', 'say in words what is kept and what is deleted', explain)
    examples(explains, 'policy explain --job shop')
    const checks = part(policy, run, 'check', 'say what is wrong with it, and what is seldom meant', check)
    examples(checks, 'policy check --job shop', 'policy check --job shop --json')
  },
}

type Work = (file: string | undefined, options: PolicyOptions) => Promise<number>

function part(parent: Command, run: Run, name: string, description: string, work: Work): Command {
  const command = parent
    .command(name)
    .argument('[file]', 'a policy by itself; - for standard input')
    .description(description)
    .option('--job <name>', 'the policy of this job of portreeve.json')
  return does(command, run, work)
}

async function explain(file: string | undefined, options: PolicyOptions): Promise<number> {
  const { source, text } = await given(file, options)
  const { hash, warnings, unsupported } = await read(source, text)
  const lines = await policy.explain(text)
  if (options.json) {
    await json({ format: 'portreeve.explanation/1', source, hash, lines })
  } else {
    for (const sentence of lines) await line(emphasized(sentence))
  }
  tell(warnings, unsupported)
  return exit.ok
}

async function check(file: string | undefined, options: PolicyOptions): Promise<number> {
  const { source, text } = await given(file, options)
  const { hash, warnings, unsupported } = await read(source, text)
  if (options.json) {
    await json({ format: 'portreeve.policy/1', source, hash, warnings, unsupported })
    return exit.ok
  }
  const found = warnings.length > 0 ? `, with ${plural(warnings.length, 'warning')}` : ''
  await line(`${source} is ${pc.green('well-formed')}${found}`)
  tell(warnings, unsupported)
  return exit.ok
}

/** The policy's text, and what to call it. */
async function given(file: string | undefined, { job, config }: PolicyOptions): Promise<{ source: string; text: string }> {
  if ((file === undefined) === (job === undefined)) throw invalid('name a file with a policy, or a job by --job')
  if (job !== undefined) {
    const { configuration } = await requireConfiguration(config)
    return { source: `the policy of the job ${job}`, text: JSON.stringify(configuration.job(job).policy, null, 2) }
  }
  const named = file as string
  return { source: inputName(named), text: await inputText(named) }
}

function read(source: string, text: string): Promise<ReadPolicy> {
  return naming(source, 'invalid_policy', () => policy.parse(text))
}

function tell(warnings: Problem[], unsupported: Problem[]): void {
  for (const problem of warnings) note(`${pc.yellow('warning')} ${placed(problem)}`)
  for (const problem of unsupported) note(`${pc.yellow('unsupported')} ${placed(problem)}`)
}

/** What a rule does stands out. */
function emphasized(sentence: string): string {
  const [, verb, rest] = /^(Keep|Delete)( `.*)$/.exec(sentence) ?? []
  if (verb === undefined) return sentence
  return `${verb === 'Keep' ? pc.green(verb) : pc.red(verb)}${rest}`
}
