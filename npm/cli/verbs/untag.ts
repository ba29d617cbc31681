import { RegistryError } from '../../api/index.js'
import { affectedBy, hanging, resolved, tagLists } from '../affected.js'
import { deleteCredential } from '../credential.js'
import { exit, invalid } from '../failure.js'
import { json, line, note } from '../output.js'
import { confirm } from '../question.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface UntagOptions extends CommonOptions {
  yes?: boolean
  dryRun?: boolean
}

/** `portreeve untag REFERENCE` */
export const untagVerb: Verb = {
  add(program, run) {
    const command = program
      .command('untag')
      .description('take one tag away; the image and its other tags stay')
      .argument('<reference>', 'HOST/REPOSITORY:TAG')
      .option('--yes', 'do not ask')
      .option('--dry-run', 'only say what would happen')
    does(command, run, takeAway)
    examples(command, 'untag 127.0.0.1:5555/shop/api:stable --dry-run', 'untag 127.0.0.1:5555/shop/api:stable --yes')
  },
}

/** Whoever was asked said yes to something else. */
function moved(tag: string, digest: string): RegistryError {
  const message = `${tag} shows ${digest} by now; nothing was changed, look again at what it shows`
  return new RegistryError({ code: 'conflict', message })
}

async function takeAway(text: string, options: UntagOptions): Promise<number> {
  const { repository, reference } = await target(text, options, deleteCredential)
  const { tag } = reference
  if (tag === undefined || reference.digest !== undefined) throw invalid(`${text} names no tag: write HOST/REPOSITORY:TAG`)
  const { digest } = await repository.head(tag)
  const affected = await affectedBy(repository, digest)
  const { host, attached } = affected
  const siblings = affected.tags.filter((other) => other !== tag)
  const dryRun = options.dryRun === true
  const parts = [
    resolved(affected),
    tagLists(['Tag that goes:', [tag]], ['Tags that stay:', siblings]),
    siblings.length > 0 ? '' : 'The image has no other tag: whoever cleans untagged images up takes it next.',
    hanging(affected, 'They stay with the image.'),
  ]
  const said = parts.filter((part) => part !== '').join('\n\n')
  if (options.json) note(said)
  else await line(said)
  if (!dryRun) {
    await confirm(`\nThis takes the tag ${tag} away for everybody.`, tag, options)
    const shown = await repository.head(tag)
    if (shown.digest !== digest) throw moved(tag, shown.digest)
    await repository.untag(tag)
  }
  const place = { host, repository: repository.name, tag, digest, siblings, attached }
  if (options.json) await json({ format: 'portreeve.untag/1', ...place, dryRun, done: !dryRun })
  else await line(dryRun ? '\nNothing was changed.' : `\nTook ${host}/${repository.name}:${tag} away.`)
  return exit.ok
}
