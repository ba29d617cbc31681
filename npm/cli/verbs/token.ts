import { createHash, randomBytes } from 'node:crypto'
import pc from 'picocolors'
import { exit } from '../failure.js'
import { json, line } from '../output.js'
import { common, type CommonOptions, examples, type Verb } from '../verb.js'

/** `portreeve token create` */
export const tokenVerb: Verb = {
  add(program, run) {
    const token = program.command('token').description('tokens for the clients of your proxy')
    const create = token.command('create').description('make a token: one half for the client, one for portreeve.json')
    examples(
      common(create).action((options: CommonOptions) => run(() => make(options))),
      'token create',
      'token create --json',
    )
  },
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
