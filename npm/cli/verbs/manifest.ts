import { exit } from '../failure.js'
import { json, print } from '../output.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface ManifestOptions extends CommonOptions {
  platform?: string
}

/** `portreeve manifest REFERENCE` */
export const manifestVerb: Verb = {
  add(program, run) {
    const command = program
      .command('manifest')
      .description('print a manifest or index, byte by byte as the registry keeps it')
      .argument('<reference>')
      .option('--platform <platform>', 'of an index the manifest for this platform, such as linux/arm64')
    does(command, run, show)
    examples(
      command,
      'manifest 127.0.0.1:5555/shop/web:v1.4.2',
      'manifest 127.0.0.1:5555/shop/web:v1.4.2 | sha256sum',
      'manifest 127.0.0.1:5555/shop/web:v1.4.2 --json',
    )
  },
}

async function show(text: string, options: ManifestOptions): Promise<number> {
  const { platform } = options
  const { repository, what } = await target(text, options)
  const { digest, mediaType, size, bytes, document } = await repository.manifest(what, platform === undefined ? {} : { platform })
  const { host, name } = repository
  const parts = { host, repository: name, digest, mediaType, size, manifest: document }
  if (options.json) await json({ format: 'portreeve.manifest/1', ...parts })
  else await print(bytes)
  return exit.ok
}
