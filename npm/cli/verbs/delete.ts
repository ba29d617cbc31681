import { RegistryError } from '../../api/index.js'
import { type Affected, affectedBy, brokenIndexes, hanging, resolved, tagLists } from '../affected.js'
import { deleteCredential } from '../credential.js'
import { exit } from '../failure.js'
import { plural } from '../format.js'
import { json, line, note } from '../output.js'
import { confirm } from '../question.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface DeleteOptions extends CommonOptions {
  yes?: boolean
  dryRun?: boolean
}

/** `portreeve delete REFERENCE` */
export const deleteVerb: Verb = {
  add(program, run) {
    const command = program
      .command('delete')
      .description('delete a manifest, and with it every tag that shows it; `untag` takes one tag alone')
      .argument('<reference>')
      .option('--yes', 'do not ask')
      .option('--dry-run', 'only say what would vanish')
    does(command, run, remove)
    examples(command, 'delete 127.0.0.1:5555/shop/api:2.2.0 --dry-run', 'delete 127.0.0.1:5555/shop/api:2.0.0 --yes')
  },
}

function refused({ host, repository, digest, indexes }: Affected): RegistryError {
  const message = `${host}/${repository}@${digest} is part of an index; delete that first, or leave this to it`
  return new RegistryError({ code: 'refused', message, details: { indexes } })
}

async function remove(text: string, options: DeleteOptions): Promise<number> {
  const { repository, what } = await target(text, options, deleteCredential)
  const { digest } = await repository.head(what)
  const affected = await affectedBy(repository, digest)
  const { host, tags } = affected
  const place = { host, repository: repository.name, digest, tags, indexes: affected.indexes, attached: affected.attached }
  const dryRun = options.dryRun === true
  const parts = [
    resolved(affected),
    tagLists([dryRun ? 'Tags that would vanish:' : 'Tags that vanish:', tags]),
    brokenIndexes(affected),
    hanging(affected, 'They stay, and speak of nothing once it is gone.'),
  ]
  const said = parts.filter((part) => part !== '').join('\n\n')
  if (options.json) note(said)
  else await line(said)
  if (!dryRun) {
    if (affected.indexes.length > 0) throw refused(affected)
    await confirm(`\nThis deletes 1 manifest and ${plural(tags.length, 'tag')} for everybody.`, repository.name, options)
    await repository.delete(digest, { tags })
  }
  if (options.json) await json({ format: 'portreeve.delete/1', ...place, dryRun, done: !dryRun })
  else await line(dryRun ? '\nNothing was deleted.' : `\nDeleted ${host}/${repository.name}@${digest}`)
  return exit.ok
}
