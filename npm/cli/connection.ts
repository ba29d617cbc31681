import pc from 'picocolors'
import type { ConnectOptions, Fetch, PauseEvent, RequestEvent, ResponseEvent } from '../api/index.js'
import { nodeFetch } from '../node/index.js'
import { answered } from './activity.js'
import { note } from './output.js'
import type { CommonOptions } from './verb.js'

/** How a registry is reached, as the flags say. */
export function connection(options: CommonOptions): ConnectOptions {
  const { plainHttp, via, debug } = options
  return {
    fetch: network(options),
    ...(plainHttp === true ? { plainHttp } : {}),
    ...(via === undefined ? {} : { via }),
    ...(debug === true ? { onRequest: tellRequest } : {}),
    onResponse(event) {
      answered()
      if (debug === true) tellResponse(event)
    },
    onPause(event) {
      if (debug === true || event.milliseconds >= LONG) tellPause(event)
    },
  }
}

/** What sends the requests: by the proxies of the environment, and as trusting as the flags say. */
export function network({ ca, insecure }: CommonOptions): Fetch {
  return nodeFetch({ ...(ca === undefined ? {} : { ca }), ...(insecure === true ? { insecure } : {}) })
}

// a person wonders why nothing happens
const LONG = 3_000

function tellRequest({ number, method, url, attempt }: RequestEvent): void {
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  note(pc.dim(`${number} > ${method} ${url}${again}`))
}

function tellResponse({ number, status, milliseconds, error, requestId, rateLimit }: ResponseEvent): void {
  const found = status === undefined ? `${error?.code}: ${error?.message}` : String(status)
  const parts = [
    found,
    `${Math.round(milliseconds)} ms`,
    ...(rateLimit === undefined ? [] : [`${rateLimit.remaining} requests left`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ]
  note(pc.dim(`${number} < ${parts.join(', ')}`))
}

function tellPause({ method, url, milliseconds, reason }: PauseEvent): void {
  note(pc.dim(`waiting ${(milliseconds / 1000).toFixed(1)} s before ${method} ${url}: ${reason}`))
}
