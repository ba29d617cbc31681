import { type CleanupEvent, RegistryError, restore, type Store } from '../../api/index.js'
import { fileStore } from '../../node/index.js'
import { loadConfiguration, stateFolder } from '../configuration.js'
import { network } from '../connection.js'
import { exit } from '../failure.js'
import { json, line } from '../output.js'
import { Progress } from '../progress.js'
import { registriesAt } from '../registries.js'
import { restoredSummary } from '../run_summary.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

/** `portreeve restore RUN [DIGEST...]` */
export const restoreVerb: Verb = {
  add(program, run) {
    const command = program
      .command('restore')
      .description('put back what a run deleted, while the registry still has its layers')
      .argument('<run>', 'the name that apply printed')
      .argument('[digests...]', 'only these images')
    does(command, run, putBack)
    examples(
      command,
      'restore "$(ls .portreeve/runs | tail -n 1)"',
    )
  },
}

async function putBack(run: string, only: string[], options: CommonOptions): Promise<number> {
  const loaded = await loadConfiguration(options.config)
  const folder = stateFolder(loaded)
  const store = fileStore(folder)
  const registries = registriesAt(await hostsOf(run, store, folder), loaded, options)
  const progress = new Progress('restoring')
  let done = 0
  const onEvent = ({ event }: CleanupEvent) => {
    if (event === 'put_back') progress.update('manifest', (done += 1), done)
  }
  const restored = await restore(run, { only, registries, fetch: network(options), store, onEvent }).finally(() => progress.end())
  if (options.json) await json(restored)
  else await line(restoredSummary(restored))
  return restored.whole ? exit.ok : exit.partial
}

/** The registries a run worked on, from the back-ups it left. */
async function hostsOf(run: string, store: Store, folder: string): Promise<string[]> {
  const backups = `runs/${run}/backup`
  const names = await store.list(backups)
  if (names.length === 0) {
    const runs = `there are no back-ups of a run ${run} in ${folder}/runs; restore where the plan was applied, with the same --config`
    throw new RegistryError({ code: 'not_found', message: runs })
  }
  const texts = await Promise.all(names.map((name) => store.read(`${backups}/${name}`)))
  return texts.map((text, index) => hostOf(text, `${folder}/${backups}/${names[index]}`))
}

function hostOf(backup: string | undefined, path: string): string {
  try {
    const { host } = JSON.parse(backup ?? '') as { host?: unknown }
    if (typeof host === 'string') return host
  } catch {
    // said below, like any other back-up that is none
  }
  const broken = `${path} is no back-up; bring the file back from a copy, or move it aside and restore the rest`
  throw new RegistryError({ code: 'storage_failed', message: broken })
}
