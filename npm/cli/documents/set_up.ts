import { Type } from 'typebox'
import { anything, count, document, documentProblem, maybe, oneOf, text, texts, yes } from './parts.js'

const credential = Type.Union(
  [
    Type.Object({ username: Type.String(), password: Type.String() }),
    Type.Literal('docker-config'),
    Type.Literal('anonymous'),
    Type.Null(),
  ],
  { description: 'names of environment variables, or where else the secret is; never the secret' },
)

export const configDocument = document('portreeve.config/1', 'What a portreeve.json allows.', {
  file: text('where it lies'),
  upstreams: Type.Array(
    Type.Object({
      name: text('in patterns and in the paths of the proxy'),
      host: text("the registry's host"),
      credentials: Type.Object({ read: credential, delete: credential }),
    }),
  ),
  clients: Type.Array(
    Type.Object({
      name: text('who'),
      tokens: count('how many tokens it has'),
      anonymousFrom: texts('networks from which no token is asked for'),
      grants: Type.Array(Type.Object({ actions: texts('what'), repositories: texts('where, as patterns') })),
    }),
  ),
  reports: Type.Array(
    Type.Object({
      name: text('of the report'),
      kind: oneOf(['images', 'strings'], 'what it lists'),
      maxAge: text('how old it may be'),
      min: count('how much it lists at least'),
      maxShrink: Type.Union([Type.String(), Type.Null()], { description: 'by how much it may shrink' }),
    }),
  ),
  jobs: Type.Array(
    Type.Object({
      name: text('of the job'),
      repositories: Type.Array(
        Type.Object({ upstream: text('its name'), host: text('its host'), name: text('the path there') }),
        { description: 'those that are written out' },
      ),
      patterns: texts('what it cleans, as written'),
      except: texts('what it does not clean, as written'),
      requires: texts('the reports without which it deletes nothing'),
      policyName: text('of the policy'),
      policy: anything('as it was written'),
      limits: anything('with the defaults filled in'),
      schedule: Type.Union([Type.String(), Type.Null()], { description: 'cron, in UTC' }),
      mode: oneOf(['plan', 'apply'], 'whether the schedule deletes'),
    }),
  ),
  unsupported: Type.Array(documentProblem, { description: 'understood, and not carried out by this release' }),
  warnings: Type.Array(documentProblem, { description: 'what to think about' }),
})

export const clientTokenDocument = document('portreeve.token/1', 'A new token for a client of your proxy.', {
  token: text("the client's half; a secret"),
  tokenSha256: text("portreeve.json's half"),
})

export const completionDocument = document('portreeve.completion/1', 'A completion script.', {
  shell: oneOf(['bash', 'zsh', 'fish'], 'for which it is'),
  script: text('to be sourced'),
})

export const errorDocument = document('portreeve.error/1', 'Why a command failed, in the place of its document.', {
  error: Type.Object({
    code: text('stable; see Errors'),
    message: text('for people; may change'),
    status: maybe(count("the registry's HTTP status, where an answer was the reason")),
    retryable: yes('whether the same command may succeed later'),
    request: maybe(Type.Unknown({ description: 'what was asked, without secrets' })),
    details: maybe(Type.Unknown({ description: "the registry's own errors, or the problems of a configuration" })),
  }),
})
