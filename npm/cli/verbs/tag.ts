import pc from 'picocolors'
import { RegistryError, type Repository } from '../../api/index.js'
import { exit } from '../failure.js'
import { short } from '../format.js'
import { json, line } from '../output.js'
import { table } from '../table.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface TagOptions extends CommonOptions {
  dryRun?: boolean
}

type Outcome = 'created' | 'moved' | 'unchanged' | 'failed' | 'planned'

interface Problem {
  code: string
  message: string
}

interface Result {
  name: string
  was?: string
  outcome: Outcome
  problem?: Problem
}

/** `portreeve tag SOURCE NAMES...` */
export const tagVerb: Verb = {
  add(program, run) {
    const command = program
      .command('tag')
      .description('give an image more tags, in its own repository; a tag that is there moves')
      .argument('<source>', 'the image: HOST/REPOSITORY:TAG or HOST/REPOSITORY@DIGEST')
      .argument('<names...>', 'the tags to set')
      .option('--dry-run', 'only say what would happen')
    does(command, run, tagAll)
    examples(
      command,
      'tag 127.0.0.1:5555/shop/web:v1.4.2 stable v1.4 v1 --dry-run',
      'tag 127.0.0.1:5555/shop/web:v1.4.2 stable v1.4 v1',
    )
  },
}

async function tagAll(text: string, given: string[], options: TagOptions): Promise<number> {
  const { repository, what } = await target(text, options)
  const { digest } = await repository.head(what)
  const { host, name } = repository
  const names = [...new Set(given)]
  const before = new Map(await Promise.all(names.map(async (each) => [each, await shownBy(repository, each)] as const)))
  const dryRun = options.dryRun === true
  if (!options.json) await line(`${pc.bold(`${host}/${name}`)}\n${digest}\n`)
  const wanted = names.filter((each) => before.get(each) !== digest)
  const done = dryRun || wanted.length === 0 ? undefined : await repository.tag(digest, wanted)
  const problems = new Map(done?.failed.map(({ tag, error: { code, message } }) => [tag, { code, message }]))
  const tags = names.map((each) => result(each, before.get(each), digest, dryRun, problems.get(each)))
  if (options.json) await json({ format: 'portreeve.tag/1', host, repository: name, digest, dryRun, tags })
  else await line(table([{ title: 'TAG' }, { title: 'OUTCOME', flexible: true }], tags.map((each) => row(each, digest))))
  if (problems.size === 0) return exit.ok
  return problems.size === wanted.length ? exit.failed : exit.partial
}

function result(name: string, was: string | undefined, digest: string, dryRun: boolean, problem?: Problem): Result {
  const before = was === undefined ? {} : { was }
  if (problem !== undefined) return { name, ...before, outcome: 'failed', problem }
  if (was === digest) return { name, ...before, outcome: 'unchanged' }
  if (dryRun) return { name, ...before, outcome: 'planned' }
  return { name, ...before, outcome: was === undefined ? 'created' : 'moved' }
}

async function shownBy(repository: Repository, tag: string): Promise<string | undefined> {
  try {
    return (await repository.head(tag)).digest
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not_found') return undefined
    throw error
  }
}

function row({ name, was, outcome, problem }: Result, digest: string): string[] {
  const from = was === undefined ? '' : ` from ${short(was)}`
  const words: Record<Outcome, string> = {
    created: pc.green('created'),
    moved: `${pc.yellow('moved')}${from} to ${short(digest)}`,
    unchanged: 'unchanged, it shows this image already',
    planned: was === undefined ? 'would be created' : `would move${from} to ${short(digest)}`,
    failed: `${pc.red('failed')} ${problem?.message}`,
  }
  return [name, words[outcome]]
}
