import { bytes, short } from '../format.js'
import { listed } from '../listed.js'
import { json, line, note } from '../output.js'
import { table } from '../table.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface ReferrersOptions extends CommonOptions {
  artifactType?: string
}

/** `portreeve referrers REFERENCE` */
export const referrersVerb: Verb = {
  add(program, run) {
    const command = program
      .command('referrers')
      .description('list what was attached to an image: signatures, attestations, SBOMs')
      .argument('<reference>')
      .option('--artifact-type <type>', 'only these, such as application/spdx+json')
    does(command, run, list)
    examples(
      command,
      'referrers 127.0.0.1:5555/shop/web:v1.4.0',
      'referrers 127.0.0.1:5555/shop/web:v1.4.0 --artifact-type application/spdx+json --json',
    )
  },
}

async function list(text: string, options: ReferrersOptions): Promise<number> {
  const { repository, reference, what } = await target(text, options)
  const digest = reference.digest ?? (await repository.head(what)).digest
  const { artifactType } = options
  const listing = repository.referrers(digest, { cosignTags: true, ...(artifactType === undefined ? {} : { artifactType }) })
  const { items: referrers, completion, status } = await listed(listing, { what: `referrers of ${text}` })
  if (options.json) {
    const { host, name } = repository
    await json({ format: 'portreeve.referrers/1', host, repository: name, digest, referrers, ...completion })
  } else if (referrers.length > 0) {
    const rows = referrers.map((each) => [short(each.digest), bytes(each.size), each.artifactType ?? each.mediaType])
    await line(table([{ title: 'DIGEST' }, { title: 'SIZE', right: true }, { title: 'ARTIFACT TYPE' }], rows))
  } else {
    note(`nothing ${artifactType === undefined ? '' : 'of that type '}refers to ${digest}`)
  }
  return status
}
