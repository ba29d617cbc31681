import type { Code } from './error.js'

/** A request that goes out. Headers and bodies are not told, and secrets in its address read `***`. */
export interface RequestEvent {
  /** Counts the requests of one connection from 1, and pairs an answer with its request. */
  number: number
  /** Such as `GET`. */
  method: string
  /** Where it goes; what may be a secret reads `***`. */
  url: string
  /** Counts the attempts at the same request from 1. */
  attempt: number
}

/** Its answer, or the lack of one. A request that is given up (by a signal) has neither. */
export interface ResponseEvent extends RequestEvent {
  /** From sending to the answer's headers, or to the failure. */
  milliseconds: number
  /** The HTTP status; absent where there is no answer. */
  status?: number
  /** What the registry calls this request, to be told to its operators. */
  requestId?: string
  /** What the registry says is left. */
  rateLimit?: RateLimit
  /** Why there is no answer. */
  error?: { code: Code; message: string }
}

/** The next request waits, because the registry asked for it or before another attempt. */
export interface PauseEvent extends RequestEvent {
  /** How long it waits. */
  milliseconds: number
  /** Why, in words. */
  reason: string
}

/** A registry's account of our requests, from `RateLimit-*` and Docker Hub's headers. */
export interface RateLimit {
  /** How many requests are taken in one window. */
  limit?: number
  /** How many are left in this window. */
  remaining: number
  /** The length of the window, in seconds. */
  window?: number
  /** When the window begins anew (RFC 3339). */
  reset?: string
  /** Whose account it is: at Docker Hub an IP address or a user's id. */
  source?: string
}

/**
 * Functions that are told of every request, for logs. What they throw changes no call: it becomes
 * an unhandled rejection.
 */
export interface Listeners {
  /** Told when a request goes out. */
  onRequest?: ((event: RequestEvent) => void) | undefined
  /** Told when its answer begins, or that there is none. */
  onResponse?: ((event: ResponseEvent) => void) | undefined
  /** Told when the next request has to wait. */
  onPause?: ((event: PauseEvent) => void) | undefined
}
