import { exit } from '../failure.js'
import { bytes, json, line, note, short, table, when } from '../output.js'
import { target } from '../target.js'
import { common, type CommonOptions, examples, type Verb } from '../verb.js'

/** `portreeve tags REFERENCE` */
export const tagsVerb: Verb = {
  add(program, run) {
    const command = program.command('tags').description("list a repository's tags").argument('<repository>')
    examples(
      common(command).action((reference: string, options: CommonOptions) => run(() => list(reference, options))),
      'tags 127.0.0.1:5555/shop/web',
      'tags 127.0.0.1:8787/demo/shop/web --json',
      'tags @demo/shop/web',
    )
  },
}

async function list(text: string, options: CommonOptions): Promise<number> {
  const { repository } = await target(text, options.config)
  const listing = repository.tags()
  const tags = []
  for await (const tag of listing) tags.push(tag)
  const { complete, reason } = await listing.done()
  if (options.json) {
    const { host, name } = repository
    await json({ format: 'portreeve.tags/1', host, repository: name, tags, complete, reason })
  } else if (tags.some(({ digest }) => digest !== undefined)) {
    const rows = tags.map((tag) => [
      short(tag.digest ?? ''),
      when(tag.pushed),
      tag.size === undefined ? '' : bytes(tag.size),
      // last, so that a tag longer than the terminal is wide puts no other column out of line
      tag.name,
    ])
    await line(table(['DIGEST', 'PUSHED (UTC)', 'SIZE', 'TAG'], rows, [2]))
  } else {
    for (const { name } of tags) await line(name)
  }
  if (!complete) note(`warning: the list may be incomplete: ${reason}`)
  return complete ? exit.ok : exit.partial
}
