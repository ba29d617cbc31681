import type { Attachments, Descriptor, Image, Platform, Repository } from '../../api/index.js'
import { shown } from '../activity.js'
import { exit } from '../failure.js'
import { page } from '../inspect/page.js'
import { json, line, note } from '../output.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface InspectOptions extends CommonOptions {
  platform?: string
}

/** `portreeve inspect REFERENCE` */
export const inspectVerb: Verb = {
  add(program, run) {
    const command = program
      .command('inspect')
      .description('show an image: platforms, layers and what made them, settings, labels, what is attached to it')
      .argument('<reference>')
      .option('--platform <platform>', 'only this one, such as linux/arm64')
    does(command, run, inspect)
    examples(
      command,
      'inspect 127.0.0.1:5555/shop/web:v1.4.2',
      'inspect 127.0.0.1:5555/shop/web:v1.4.2 --platform linux/arm64',
      'inspect 127.0.0.1:5555/shop/api:latest --json',
    )
  },
}

async function inspect(text: string, options: InspectOptions): Promise<number> {
  const { repository, reference, what } = await target(text, options)
  const { platform } = options
  const { image, files, attachments } = await shown(`reading ${text}`, () => read(repository, what, platform))
  const { attached, complete, reason } = attachments
  const { missing = [] } = image
  const { host, name } = repository
  if (options.json) {
    const found = { ...image, ...(files === undefined ? {} : { files }), missing, attached, attachedComplete: complete }
    await json({ format: 'portreeve.inspect/1', host, repository: name, ...found })
  } else {
    const separator = reference.digest === undefined ? ':' : '@'
    const inside = image.platforms.find((each) => isOurs(each.platform)) ?? image.platforms[0]
    await line(page({ name: `${host}/${name}${separator}${what}`, image, files, attached, shown: inside }))
  }
  if (!complete) note(`warning: more may be attached than is shown: ${reason}`)
  return missing.length > 0 || !complete ? exit.partial : exit.ok
}

interface Read {
  image: Image
  /** What an artifact holds, which has no platform. */
  files: Descriptor[] | undefined
  attachments: Attachments
}

async function read(repository: Repository, what: string, platform: string | undefined): Promise<Read> {
  if (platform === undefined) {
    const image = await repository.image(what)
    return { image, files: await filesOf(repository, image), attachments: await repository.attached(image.digest) }
  }
  const { digest: whole } = await repository.head(what)
  const { digest } = await repository.manifest(whole, { platform })
  const image = await repository.image(digest)
  const files = await filesOf(repository, image)
  const own = await repository.attached(digest)
  if (digest === whole) return { image, files, attachments: own }
  // an index attests for its platforms
  const above = await repository.attached(whole)
  const attached = [...above.attached.filter(({ subject }) => subject === digest), ...own.attached]
  return { image, files, attachments: { ...(own.complete ? above : own), attached } }
}

async function filesOf(repository: Repository, { platforms, missing = [], digest }: Image): Promise<Descriptor[] | undefined> {
  if (platforms.length > 0 || missing.length > 0) return undefined
  return (await repository.manifest(digest)).document.layers
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }

/** Whether a container here would run it: containers are Linux on every desktop. */
function isOurs({ os, architecture }: Platform): boolean {
  return os === 'linux' && architecture === (ARCHITECTURES[process.arch] ?? process.arch)
}
