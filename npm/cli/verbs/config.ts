import pc from 'picocolors'
import type { ClientAccess, Job, Upstream } from '../../api/index.js'
import { requireConfiguration } from '../configuration.js'
import { exit, placed } from '../failure.js'
import { plural } from '../format.js'
import { json, line, note } from '../output.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

/** `portreeve config check` */
export const configVerb: Verb = {
  add(program, run) {
    const config = program.command('config').description('your portreeve.json')
    const check = config.command('check').description('say what it allows, and what is wrong with it')
    does(check, run, explain)
    examples(
      check,
      'config check',
      'config check --config portreeve.json --json',
    )
  },
}

async function explain(options: CommonOptions): Promise<number> {
  const { file, configuration } = await requireConfiguration(options.config)
  const described = configuration.describe()
  if (options.json) {
    await json({ format: 'portreeve.config/1', file, ...described })
    return exit.ok
  }
  const { upstreams, clients, jobs, unsupported, warnings } = described
  await line(`${file} is ${pc.green('well-formed')}`)
  await section('Upstreams', upstreams.map(upstreamLine))
  await section('Clients', clients.length > 0 ? clients.flatMap(clientLines) : ['none: the proxy serves nobody'])
  await section('Jobs', jobs.map(jobLine))
  for (const problem of warnings) note(`${pc.yellow('warning')} ${placed(problem)}`)
  for (const problem of unsupported) note(`${pc.yellow('unsupported')} ${placed(problem)}`)
  return exit.ok
}

async function section(title: string, lines: string[]): Promise<void> {
  if (lines.length === 0) return
  await line(`\n${pc.bold(title)}`)
  for (const text of lines) await line(`  ${text}`)
}

function upstreamLine({ name, host, credentials }: Upstream): string {
  const can = ['pulls', ...(credentials.delete ? ['deletions'] : [])]
  return `${name}${host === name ? '' : ` (${host})`}: ${can.join(', ')}`
}

function clientLines({ name, tokens, anonymousFrom, grants }: ClientAccess): string[] {
  const ways = [
    ...(tokens > 0 ? [plural(tokens, 'token')] : []),
    ...(anonymousFrom.length > 0 ? [`anyone from ${anonymousFrom.join(', ')}`] : []),
  ]
  const who = `${name} (${ways.length > 0 ? ways.join(', ') : 'nobody yet'})`
  return grants.map(({ actions, repositories }) => `${who} may ${actions.join(', ')} ${repositories.join(', ')}`)
}

function jobLine({ name, patterns, except, policyName, mode, schedule }: Job): string {
  const where = `${patterns.join(', ')}${except.length > 0 ? ` except ${except.join(', ')}` : ''}`
  const occasion = schedule === null ? 'when asked' : `by ${schedule} (UTC)`
  return `${name}: ${mode === 'apply' ? 'cleans' : 'plans'} ${where} by the policy ${policyName}, ${occasion}`
}
