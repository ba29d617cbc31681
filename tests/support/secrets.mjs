// Secrets that tests plant, and the search for them in everything that comes out. What a suite's
// helpers get to see is looked through as it comes (the command line's output, the Worker's log and
// answers, errors and events of the package in this process), and a file fails at its end if a
// secret was in any of it:
//
//   plant('presigned-secret')                 // from now on this must not be seen
//   look('an answer of /api/v1', text)        // and here it is looked for
//
// A secret in base64, as Basic authentication carries it, is found, too.

import { inspect } from 'node:util'

const planted = new Set(['demo-password', 'low-tide', 'high-water', 'presigned-secret'])
const found = []

/** Names a text that must be in nothing that comes out; too short a one is in everything. */
export function plant(secret) {
  if (secret.length < 6) throw new Error(`'${secret}' is too short to be told from other words`)
  planted.add(secret)
  return secret
}

/** Plants what variables of these names hold. */
export function plantAll(variables) {
  for (const [name, value] of Object.entries(variables)) {
    if (/PASSWORD|TOKEN|SECRET/i.test(name) && typeof value === 'string' && value.length >= 6) plant(value)
  }
}

/** The planted secrets in a text, also those in base64. */
export function secretsIn(text) {
  const decoded = (text.match(/[A-Za-z0-9+/]{12,}={0,2}/g) ?? []).map((part) => Buffer.from(part, 'base64').toString('latin1'))
  return [...planted].filter((secret) => [text, ...decoded].some((part) => part.includes(secret)))
}

/** Looks through a text. */
export function look(where, text) {
  for (const secret of secretsIn(text)) found.push(`'${secret}' in ${where}`)
}

/** The same for a value with all that hangs on it. */
export function lookInto(where, value) {
  look(where, inspect(value, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null }))
  if (value instanceof Error) look(where, `${value.stack} ${JSON.stringify(value)}`)
}

/** The package, whose errors and events are looked through. */
export function watched(module) {
  const { connect } = module
  if (connect === undefined) return module
  const told = (event, listener) => (lookInto(`an event of ${event.method}`, event), listener?.(event))
  const watchedConnect = (host, options = {}) => {
    const { onRequest, onResponse, onPause } = options
    return connect(host, {
      ...options,
      onRequest: (event) => told(event, onRequest),
      onResponse: (event) => told(event, onResponse),
      onPause: (event) => told(event, onPause),
    })
  }
  return { ...module, connect: watchedConnect }
}

// every error that the core makes comes from here
const { construct } = Reflect
Reflect.construct = (target, ...rest) => {
  const made = construct(target, ...rest)
  if (target.name === 'RegistryError') lookInto(`the error '${made.code}'`, made)
  return made
}

process.on('exit', () => {
  if (found.length === 0) return
  console.error(`secrets came out:\n  ${[...new Set(found)].join('\n  ')}`)
  process.exitCode = 1
})
