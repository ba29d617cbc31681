import { exit } from '../failure.js'
import { json, line } from '../output.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface DigestOptions extends CommonOptions {
  platform?: string
}

/** `portreeve digest REFERENCE` */
export const digestVerb: Verb = {
  add(program, run) {
    const command = program
      .command('digest')
      .description('print the digest that a tag shows now, and nothing else')
      .argument('<reference>')
      .option('--platform <platform>', 'of an index the manifest for this platform, such as linux/arm64')
    does(command, run, show)
    examples(
      command,
      'digest 127.0.0.1:5555/shop/web:v1.4.2',
      'inspect "127.0.0.1:5555/shop/web@$(portreeve digest 127.0.0.1:5555/shop/web:v1.4.2)"',
    )
  },
}

async function show(text: string, options: DigestOptions): Promise<number> {
  const { repository, what } = await target(text, options)
  const { platform } = options
  const found = platform === undefined ? repository.head(what) : repository.manifest(what, { platform })
  const { digest, mediaType, size } = await found
  const { host, name } = repository
  if (options.json) await json({ format: 'portreeve.digest/1', host, repository: name, reference: text, digest, mediaType, size })
  else await line(digest)
  return exit.ok
}
