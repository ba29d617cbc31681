// The Worker's entry module: hands each event to the wasm instance, and survives its panics.
//
// A trap leaves the promises of every call in flight unsettled and the instance unusable. The
// instance's last act is to call `abandon`, which rejects those promises; the next call starts a new
// instance. Each call has a promise of its own, made within it: one that is shared between requests
// would wake nobody.

import { DurableObject } from 'cloudflare:workers'

import * as bindings from '../../build/worker/portreeve.js'
import configuration from './portreeve.json'

const FAILED = 'portreeve failed on a fault of its own; the Worker\'s log says more'

const inFlight = new Set()
const state = bindings.__worker_init_state()
let dead = false

function abandon() {
  dead = true
  for (const reject of inFlight) reject(new Error(FAILED))
  inFlight.clear()
}

/** Makes sure of a living instance. */
function enter() {
  if (dead) {
    dead = false
    bindings.__wbg_reset_state()
  }
  bindings.on_abort(abandon)
}

function call(run) {
  return new Promise((resolve, reject) => {
    inFlight.add(reject)
    enter()
    run()
      .then(resolve, reject)
      .finally(() => inFlight.delete(reject))
  })
}

/** The bindings of the platform, and `portreeve.json` beside them. */
function environment(env) {
  return Object.create(env, { PORTREEVE_JSON: { value: configuration } })
}

function failed(request) {
  const registry = new URL(request.url).pathname.startsWith('/v2')
  const body = registry
    ? { errors: [{ code: 'UNKNOWN', message: FAILED, detail: { code: 'internal' } }] }
    : { code: 'internal', message: FAILED }
  return Response.json(body, { status: 500, headers: { 'x-content-type-options': 'nosniff' } })
}

export default {
  async fetch(request, env, context) {
    try {
      return await call(() => bindings.fetch(request, environment(env), context))
    } catch (error) {
      console.error(error)
      return failed(request)
    }
  },

  scheduled(event, env, context) {
    return call(() => bindings.scheduled(event, environment(env), context))
  },
}

/** One repository's cleanup; the Rust object is made anew in a new instance. */
export class CleanupRepository extends DurableObject {
  #instance
  #object

  #current() {
    if (this.#instance !== state.instanceId) {
      this.#object = new bindings.CleanupRepository(this.ctx, environment(this.env))
      this.#instance = state.instanceId
    }
    return this.#object
  }

  async fetch(request) {
    try {
      return await call(() => this.#current().fetch(request))
    } catch (error) {
      console.error(error)
      return failed(request)
    }
  }

  alarm() {
    return call(() => this.#current().alarm())
  }
}
