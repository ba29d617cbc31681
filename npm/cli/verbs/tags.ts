import { Option } from 'commander'
import type { Tag } from '../../api/index.js'
import { bytes, platformName, short, when } from '../format.js'
import { ListOption } from '../list_option.js'
import { listed } from '../listed.js'
import { json, line, note, print, harmless } from '../output.js'
import { type Column, table } from '../table.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb, wholeNumber } from '../verb.js'

const FACTS = ['digest', 'mediaType', 'size', 'created', 'pushed', 'platforms'] as const
const ORDERS = ['name', 'created', 'pushed', 'size'] as const

type Fact = (typeof FACTS)[number]

interface TagsOptions extends CommonOptions {
  with?: Fact[]
  sort?: (typeof ORDERS)[number]
  limit?: number
}

/** `portreeve tags REFERENCE` */
export const tagsVerb: Verb = {
  add(program, run) {
    const command = program
      .command('tags')
      .description("list a repository's tags")
      .argument('<repository>')
      .addOption(new ListOption('--with <facts>', 'show of each tag, which costs requests', FACTS))
      .addOption(new Option('--sort <order>', 'names from a to z, the rest from newest or largest').choices(ORDERS))
      .option('--limit <count>', 'only so many, the first in that order', wholeNumber)
    does(command, run, list)
    examples(
      command,
      'tags 127.0.0.1:5555/shop/web',
      'tags 127.0.0.1:5555/shop/web --with digest,created,size --sort created --limit 5',
      'tags 127.0.0.1:8787/demo/shop/web --json',
      'tags @demo/shop/web',
    )
  },
}

async function list(text: string, options: TagsOptions): Promise<number> {
  const { repository } = await target(text, options)
  const { with: facts, sort, limit } = options
  const listing = repository.tags({
    ...(facts === undefined ? {} : { with: facts }),
    ...(sort === undefined ? {} : { sort }),
    ...(limit === undefined ? {} : { limit }),
  })
  const { host, name } = repository
  const { items, completion, status } = await listed(listing, {
    what: `tags of ${host}/${name}`,
    // names need no columns: they are shown as they come
    onPage: (page) => (options.json || inColumns(page, facts) ? undefined : print(harmless(page.map(named).join('')))),
  })
  if (options.json) await json({ format: 'portreeve.tags/1', host, repository: name, tags: items, ...completion })
  else if (inColumns(items, facts)) await line(columnsOf(items, facts ?? ['digest', ORDER_FACTS[sort ?? 'name']]))
  if (sort !== undefined && sort !== 'name' && items.length > 0 && items.every((tag) => tag[sort] === undefined)) {
    note(`warning: ${host} told ${UNTOLD[sort]} of these tags, so they stand in no order`)
  }
  return status
}

/** What a list shows beside the digest, by what it was sorted by. */
const ORDER_FACTS: Record<(typeof ORDERS)[number], Fact> = { name: 'pushed', created: 'created', pushed: 'pushed', size: 'size' }

const UNTOLD = { created: 'no build time', pushed: 'no push time', size: 'no size' }

function named({ name }: Tag): string {
  return `${name}\n`
}

/** On a terminal a list that tells more than names shows it; a pipe gets what was asked for. */
function inColumns(tags: Tag[], facts: Fact[] | undefined): boolean {
  return facts !== undefined || (process.stdout.isTTY === true && tags.some(({ digest }) => digest !== undefined))
}

const COLUMNS: Record<Fact, Column & { cell: (tag: Tag) => string }> = {
  digest: { title: 'DIGEST', cell: ({ digest }) => (digest === undefined ? '' : short(digest)) },
  mediaType: { title: 'MEDIA TYPE', cell: ({ mediaType }) => mediaType ?? '' },
  created: { title: 'CREATED (UTC)', cell: ({ created }) => when(created) },
  pushed: { title: 'PUSHED (UTC)', cell: ({ pushed }) => when(pushed) },
  size: { title: 'SIZE', right: true, cell: ({ size }) => (size === undefined ? '' : bytes(size)) },
  platforms: { title: 'PLATFORMS', cell: ({ platforms = [] }) => platforms.map(platformName).join(' ') },
}

function columnsOf(tags: Tag[], facts: Fact[]): string {
  const columns = facts.map((fact) => COLUMNS[fact])
  const rows = tags.map((tag) => [
    ...columns.map(({ cell }) => cell(tag)),
    // last, so that a tag longer than the terminal is wide puts no other column out of line
    tag.name,
  ])
  return table([...columns, { title: 'TAG' }], rows)
}
