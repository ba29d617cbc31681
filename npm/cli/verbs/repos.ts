import { harmless, json, print } from '../output.js'
import { listed } from '../listed.js'
import { registry } from '../target.js'
import { type CommonOptions, does, examples, type Verb, wholeNumber } from '../verb.js'

interface ReposOptions extends CommonOptions {
  limit?: number
}

/** `portreeve repos HOST` */
export const reposVerb: Verb = {
  add(program, run) {
    const command = program
      .command('repos')
      .description("list a registry's repositories, where it tells them")
      .argument('<host>', 'a host, or @UPSTREAM of portreeve.json')
      .option('--limit <count>', 'only so many', wholeNumber)
    does(command, run, list)
    examples(command, 'repos 127.0.0.1:5555', 'repos @demo --json')
  },
}

async function list(text: string, options: ReposOptions): Promise<number> {
  const { limit } = options
  const opened = await registry(text, options)
  const { host } = opened
  const { items, completion, status } = await listed(opened.repositories(limit === undefined ? {} : { limit }), {
    what: `repositories of ${host}`,
    onPage: (page) => (options.json ? undefined : print(harmless(page.map(({ name }) => `${host}/${name}\n`).join('')))),
  })
  if (options.json) await json({ format: 'portreeve.repositories/1', host, repositories: items, ...completion })
  return status
}
