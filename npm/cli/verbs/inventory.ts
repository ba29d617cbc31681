import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pc from 'picocolors'
import { type Inventory, type InventoryContents, type Repository, saveInventory } from '../../api/index.js'
import { fileStore } from '../../node/index.js'
import { loadConfiguration, type Loaded, stateFolder } from '../configuration.js'
import { exit } from '../failure.js'
import { bytes, day, plural } from '../format.js'
import { json, line } from '../output.js'
import { readRepository } from '../planning/inventories.js'
import { openAll, scoped } from '../planning/scope.js'
import { writeDocument } from '../planning/written.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, several, type Verb } from '../verb.js'

interface InventoryOptions extends CommonOptions {
  layers?: boolean
  annotation?: string[]
  label?: string[]
  out?: string
}

/** `portreeve inventory REFERENCE|JOB` */
export const inventoryVerb: Verb = {
  add(program, run) {
    const command = program
      .command('inventory')
      .description('read a repository whole: what a plan decides from, to keep it and to plan offline')
      .argument('<what>', 'a repository, or a job of portreeve.json with all its repositories')
      .option('--layers', 'read the layers, too, so that a plan says how many bytes it frees')
      .option('--annotation <key>', 'read this annotation of every image; several times for several', several)
      .option('--label <key>', 'read this label of every image; several times for several', several)
      .option('--out <file>', 'write the inventory; for a job of several repositories, the folder for one file each')
      .addHelpText(
        'after',
        '\nOf a job it reads what its policy needs, of a repository what any policy may ask of every image.',
      )
    does(command, run, make)
    examples(
      command,
      'inventory 127.0.0.1:5555/shop/web',
      'inventory 127.0.0.1:5555/shop/web --layers --out web.jsonl',
      'inventory shop --json',
    )
  },
}

async function make(what: string, options: InventoryOptions): Promise<number> {
  const { repositories, policy, loaded } = await subject(what, options)
  const store = fileStore(stateFolder(loaded))
  const facts = {
    ...(policy === undefined ? {} : { policy }),
    layers: options.layers === true,
    annotations: options.annotation ?? [],
    labels: options.label ?? [],
  }
  if (repositories.length > 1 && options.out !== undefined) await mkdir(options.out, { recursive: true })
  const read: Inventory[] = []
  for (const repository of repositories) {
    const inventory = await readRepository(repository, store, facts)
    if (inventory.complete) await saveInventory(store, inventory)
    const file = options.out === undefined ? undefined : fileFor(inventory, options.out, repositories.length)
    if (file !== undefined) writeDocument(inventory, file)
    if (!options.json) {
      if (read.length > 0) await line()
      await line(page(inventory, file))
    }
    read.push(inventory)
  }
  if (options.json) await json({ format: 'portreeve.inventories/1', inventories: read.map(described) })
  return exit.ok
}

interface Subject {
  repositories: Repository[]
  /** Which facts are needed; without one, those that any may ask. */
  policy: object | undefined
  loaded: Loaded | undefined
}

async function subject(what: string, options: InventoryOptions): Promise<Subject> {
  if (what.includes('/')) {
    const { repository } = await target(what, options)
    return { repositories: [repository], policy: undefined, loaded: await loadConfiguration(options.config) }
  }
  const scope = await scoped(what, options)
  const { repositories } = await openAll(scope, 'read')
  return { repositories, policy: scope.policy, loaded: scope.loaded }
}

/** The file itself for one repository, for several one of its own in that folder. */
function fileFor({ host, repository }: Inventory, out: string, count: number): string {
  if (count === 1) return out
  // what hosts and repositories are made of leaves these two free
  return join(out, `${host.replaceAll(':', '_')}__${repository.replaceAll('/', '__')}.jsonl`)
}

/** An inventory in a few lines. */
function page(inventory: Inventory, file: string | undefined): string {
  const { host, repository, complete, incompleteReason, unreadableTags = [], contents } = inventory
  const state = complete ? pc.green('whole') : `${pc.yellow('not whole')}: ${incompleteReason}; nothing is deleted by it`
  const { manifests, tags, tagged, kinds, unreadable, layers, pushed, created } = contents
  const untagged = inventory.listsUntagged ? '' : ', those without a tag only as far as something names them'
  const rows: [string, string][] = [
    ['manifests', `${manifests}${manifests === 0 ? '' : `: ${ofKinds(kinds)}`}${untagged}`],
    ['tags', `${tags}, on ${plural(tagged, 'manifest')}`],
    ['layers', layers === undefined ? '' : `${layers.count}, ${bytes(layers.bytes)} together`],
    ['pushed', span(pushed)],
    ['built', span(created)],
    ['unreadable', broken(unreadableTags, unreadable)],
    ['written', file ?? ''],
  ]
  const shown = rows.filter(([, text]) => text !== '').map(([name, text]) => `  ${pc.dim(name.padEnd(10))} ${text}`)
  return [`${pc.bold(`${host}/${repository}`)} ${state}`, ...shown].join('\n')
}

function ofKinds(kinds: InventoryContents['kinds']): string {
  const counted = Object.entries(kinds).sort(([, one], [, other]) => other - one)
  return counted.map(([kind, count]) => plural(count, kind === 'sbom' ? 'SBOM' : kind, NOUNS[kind])).join(', ')
}

const NOUNS: Record<string, string> = { index: 'indexes', other: 'others' }

function span(times: { oldest: string; newest: string } | undefined): string {
  return times === undefined ? '' : `${day(times.oldest)} to ${day(times.newest)}`
}

function broken(tags: string[], manifests: number): string {
  const parts = []
  if (manifests > 0) parts.push(plural(manifests, 'manifest'))
  if (tags.length > 0) parts.push(`${plural(tags.length, 'tag')} such as ${tags[0]}`)
  return parts.join(', ')
}

function described(inventory: Inventory) {
  const { host, repository, takenAt, complete, incompleteReason, listsUntagged, recordsPushed, unreadableTags, contents } = inventory
  return { host, repository, takenAt: takenAt.toISOString(), complete, incompleteReason, listsUntagged, recordsPushed, unreadableTags, contents }
}
