import { exit } from '../failure.js'
import { json, print } from '../output.js'
import { target } from '../target.js'
import { common, type CommonOptions, examples, type Verb } from '../verb.js'

/** `portreeve manifest REFERENCE` */
export const manifestVerb: Verb = {
  add(program, run) {
    const command = program
      .command('manifest')
      .description('print a manifest or index, byte by byte as the registry keeps it')
      .argument('<reference>')
    examples(
      common(command).action((reference: string, options: CommonOptions) => run(() => show(reference, options))),
      'manifest 127.0.0.1:5555/shop/web:v1.4.2',
      'manifest 127.0.0.1:5555/shop/web:v1.4.2 | sha256sum',
      'manifest 127.0.0.1:5555/shop/web:v1.4.2 --json',
    )
  },
}

async function show(text: string, options: CommonOptions): Promise<number> {
  const { repository, what } = await target(text, options.config)
  const { digest, mediaType, size, bytes, document } = await repository.manifest(what)
  if (options.json) await json({ format: 'portreeve.manifest/1', digest, mediaType, size, manifest: document })
  else await print(bytes)
  return exit.ok
}
