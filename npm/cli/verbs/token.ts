import { createHash, randomBytes } from 'node:crypto'
import pc from 'picocolors'
import { exit } from '../failure.js'
import { when } from '../format.js'
import { ListOption } from '../list_option.js'
import { json, line, print } from '../output.js'
import { table } from '../table.js'
import { target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

const ACTIONS = ['pull', 'push', 'delete'] as const

interface GetOptions extends CommonOptions {
  actions?: (typeof ACTIONS)[number][]
  raw?: boolean
}

/** `portreeve token get REPOSITORY` and `portreeve token create` */
export const tokenVerb: Verb = {
  add(program, run) {
    const token = program.command('token').description("a registry's tokens, and tokens for the clients of your proxy")
    const get = token
      .command('get')
      .description('get a token of a registry for a repository, as curl needs it')
      .argument('<repository>')
      .addOption(new ListOption('--actions <actions>', 'what it is for, pull by default', ACTIONS))
      .option('--raw', 'print the token itself, a secret')
    does(get, run, obtain)
    const create = token.command('create').description('make a token: one half for the client, one for portreeve.json')
    does(create, run, make)
    examples(create, 'token create', 'token create --json')
  },
}

async function obtain(text: string, options: GetOptions): Promise<number> {
  const { actions = ['pull'], raw } = options
  const { registry, repository } = await target(text, options)
  const { host, name } = repository
  const { token, expiresAt, granted } = await registry.token({ repository: name, actions })
  if (options.json) {
    const secret = raw === true ? { token } : {}
    const shown = { host, repository: name, actions, granted, expires: expiresAt, ...secret }
    await json({ format: 'portreeve.registry-token/1', ...shown })
  } else if (raw === true) {
    await print(`${token}\n`)
  } else {
    const rows = [
      ['For', actions.join(', ')],
      ['Grants', granted === undefined ? 'the token does not tell' : granted.join(' ') || 'nothing'],
      ['Until', expiresAt === undefined ? 'the registry takes it away' : `${when(expiresAt)} UTC`],
    ]
    await line(`${pc.bold(`${host}/${name}`)}\n${table([{ title: '' }, { title: '', flexible: true }], rows)}`)
    await line(pc.dim('--raw prints the token itself.'))
  }
  return exit.ok
}

async function make(options: CommonOptions): Promise<number> {
  const token = randomBytes(32).toString('base64url')
  const tokenSha256 = createHash('sha256').update(token).digest('hex')
  if (options.json) {
    await json({ format: 'portreeve.token/1', token, tokenSha256 })
    return exit.ok
  }
  await line(`${pc.bold('token')}        ${token}`)
  await line(`${pc.bold('tokenSha256')}  ${tokenSha256}`)
  await line()
  await line('Give the token to the client as its password; it is shown once and kept nowhere.')
  await line('Put the other half into portreeve.json, and deploy:')
  await line()
  await line(
    `  "clients": { "NAME": { "tokenSha256": ["${tokenSha256}"],\n` +
      `    "grants": [{ "actions": ["pull"], "repositories": ["UPSTREAM/**"] }] } }`,
  )
  await line()
  await line('The client signs in with `docker login YOUR.HOST --username NAME`.')
  return exit.ok
}
