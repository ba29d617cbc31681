import { stat, writeFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import pc from 'picocolors'
import { Option } from 'commander'
import { type Report, RegistryError, report } from '../../api/index.js'
import { exit, invalid } from '../failure.js'
import { plural, when } from '../format.js'
import { json, line, note } from '../output.js'
import { fileSource, folderSources, pipedSource, type Source } from '../report/manifests.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

type Kind = Report['kind']

interface ReduceOptions extends CommonOptions {
  kind: Kind
  out?: string
  takenAt?: string
  skipUnreadable?: boolean
}

const KUBECTL = `
Of everything in its input only digests, names of images and the names of what uses
them are kept, so that no variable, argument or annotation leaves the machine:

  $ kubectl get pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,controllerrevisions \\
      -A -o json | portreeve report reduce --kind images --out cluster.json
  $ kubectl get ocirepositories,helmrepositories,helmreleases -A -o json > flux.json
  $ kubectl get applications.argoproj.io -A -o json > argo.json
  $ gh pr list --state open --limit 10000 --json number --jq '.[].number' \\
      | portreeve report reduce --kind strings --out open-prs.json

A file is as old as it was last written, a folder and standard input are from now.`

/** `portreeve report reduce [FILE...]` */
export const reportVerb: Verb = {
  add(program, run) {
    const command = program.command('report').description('what is in use elsewhere, or open')
    const reduce = command
      .command('reduce')
      .description('make a report of what a cluster, a folder of manifests or a list says')
      .argument('[sources...]', 'files (JSON, YAML, lines, reports), folders of manifests, or - for standard input')
      .addOption(
        new Option('--kind <kind>', 'images in use, or texts such as the numbers of open pull requests')
          .choices(['images', 'strings'])
          .makeOptionMandatory(),
      )
      .option('--out <file>', 'write the report into this file')
      .option('--taken-at <time>', 'the time as of which it is true, such as 2026-12-24T00:00:00Z')
      .option('--skip-unreadable', 'leave out files of a folder that are neither YAML nor JSON, such as templates')
      .addHelpText('after', KUBECTL)
    does(reduce, run, make)
    examples(reduce, 'report reduce --kind images . --out images.json', 'report reduce --kind images images.json --json')
  },
}

async function make(names: string[], options: ReduceOptions): Promise<number> {
  const { sources, takenAt } = await gathered(names.length === 0 ? ['-'] : names, options)
  const made = await reduced(sources, options.kind, options.takenAt === undefined ? takenAt : time(options.takenAt))
  const text = JSON.stringify(made)
  if (options.out !== undefined) await writeFile(options.out, `${text}\n`)
  if (options.json || options.out === undefined) await json(made)
  else await line(`${options.out}: ${contents(made)}, as of ${when(made.takenAt)}`)
  const unresolved = made.kind === 'images' ? made.uses.filter((use) => use.unresolved !== undefined) : []
  for (const { unresolved: text, sources: by } of unresolved) {
    note(`${pc.yellow('unresolved')} ${pc.bold(text ?? '')} (${by.join('; ')}): while it is in use, it may be anything`)
  }
  return exit.ok
}

function contents(made: Report): string {
  return made.kind === 'images' ? `${plural(made.uses.length, 'image')} in use` : plural(made.strings.length, 'text')
}

interface Gathered {
  sources: Source[]
  takenAt: Date
}

/** What the names name, and the oldest of it. */
async function gathered(names: string[], { kind, skipUnreadable }: ReduceOptions): Promise<Gathered> {
  const sources: Source[] = []
  const unreadable: unknown[] = []
  let takenAt = new Date()
  for (const name of names) {
    if (name === '-') {
      const piped = await readAll(process.stdin)
      sources.push(kind === 'images' ? pipedSource(piped) : { name: 'standard input', text: piped })
      continue
    }
    const found = await stat(name)
    if (found.isDirectory()) {
      if (kind !== 'images') throw invalid(`${name} is a folder; a report of strings is made of files`)
      sources.push(...(await folderSources(name, (problem) => unreadable.push(problem))))
    } else {
      sources.push(await fileSource(name))
      if (found.mtime < takenAt) takenAt = found.mtime
    }
  }
  for (const problem of unreadable) {
    const what = (problem as Error).message
    if (!skipUnreadable) {
      throw invalid(`${what}; images may be named in it: read what it is rendered to, or leave it out by --skip-unreadable`)
    }
    note(`${pc.yellow('left out')} ${what}`)
  }
  return { sources, takenAt }
}

async function reduced(sources: Source[], kind: Kind, takenAt: Date): Promise<Report> {
  const reduce = (texts: string[]) => report.reduce(texts, { kind, takenAt })
  try {
    return await reduce(sources.map(({ text }) => text))
  } catch (error) {
    // which of them it was is found out only where it matters
    for (const { name, text } of sources) {
      await reduce([text]).catch((problem: unknown) => {
        if (!(problem instanceof RegistryError)) throw problem
        const { code, message } = problem
        throw new RegistryError({ code, message: `${name}: ${message}`, cause: problem })
      })
    }
    throw error
  }
}

function time(text: string): Date {
  const read = new Date(text)
  if (/^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(read.getTime())) return read
  throw invalid(`\`${text}\` is no time such as 2026-12-24T00:00:00Z`)
}
