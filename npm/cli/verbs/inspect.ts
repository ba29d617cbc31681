import pc from 'picocolors'
import type { Descriptor, Image, Platform } from '../../api/index.js'
import { exit } from '../failure.js'
import { bytes, json, line, short, table, when } from '../output.js'
import { target } from '../target.js'
import { common, type CommonOptions, examples, type Verb } from '../verb.js'

/** `portreeve inspect REFERENCE` */
export const inspectVerb: Verb = {
  add(program, run) {
    const command = program
      .command('inspect')
      .description('show an image: platforms, sizes, dates, labels, what is attached to it')
      .argument('<reference>')
    examples(
      common(command).action((reference: string, options: CommonOptions) => run(() => inspect(reference, options))),
      'inspect 127.0.0.1:5555/shop/web:v1.4.2',
      'inspect 127.0.0.1:5555/shop/api:latest --json',
    )
  },
}

async function inspect(text: string, options: CommonOptions): Promise<number> {
  const { repository, what } = await target(text, options.config)
  const image = await repository.image(what)
  const referrers: Descriptor[] = []
  for await (const referrer of repository.referrers(image.digest)) referrers.push(referrer)
  if (options.json) {
    const { host, name } = repository
    await json({ format: 'portreeve.inspect/1', host, repository: name, ...image, referrers })
  } else {
    await page(`${repository.host}/${repository.name}`, image, referrers)
  }
  return exit.ok
}

async function page(name: string, image: Image, referrers: Descriptor[]): Promise<void> {
  await line(pc.bold(`${name}@${image.digest}`))
  await line(`${image.mediaType}${image.created === undefined ? '' : `, built ${when(image.created)} UTC`}`)
  const platforms = image.platforms.map((platform) => [
    platformName(platform.platform),
    short(platform.digest),
    bytes(platform.size),
    String(platform.layers.length),
    when(platform.created),
  ])
  await line()
  await line(table(['PLATFORM', 'DIGEST', 'SIZE', 'LAYERS', 'BUILT (UTC)'], platforms, [2, 3]))
  const labels = Object.entries({ ...image.annotations, ...image.platforms[0]?.config.config?.Labels })
  if (labels.length > 0) {
    await line()
    await line(
      table(
        ['LABEL', 'VALUE'],
        labels.map(([label, value]) => [label, value]),
      ),
    )
  }
  if (referrers.length > 0) {
    const rows = referrers.map((referrer) => [
      referrer.artifactType ?? referrer.mediaType,
      short(referrer.digest),
      bytes(referrer.size),
    ])
    await line()
    await line(table(['ATTACHED', 'DIGEST', 'SIZE'], rows, [2]))
  }
}

function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/')
}
