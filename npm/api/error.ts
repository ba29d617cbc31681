/**
 * What went wrong, as a stable string. The same codes appear in the Rust core, in `--json` output,
 * and in the Worker's `/api/v1`.
 */
export type Code =
  | 'invalid_reference'
  | 'invalid_configuration'
  | 'invalid_policy'
  | 'invalid_argument'
  | 'unauthorized'
  | 'denied'
  | 'not_found'
  | 'conflict'
  | 'locked'
  | 'expired'
  | 'too_large'
  | 'unsupported'
  | 'refused'
  | 'clock_skew'
  | 'incomplete_listing'
  | 'throttled'
  | 'timeout'
  | 'unreachable'
  | 'upstream_error'
  | 'digest_mismatch'
  | 'truncated'
  | 'storage_failed'
  | 'internal'
  | 'cancelled'

/** A request, as errors and events show it. */
export interface FailedRequest {
  /** Such as `GET`. */
  method: string
  /** Without user names, and with the values of signatures and tickets as `***`. */
  url: string
}

/** What a {@link RegistryError} is made of. */
export interface RegistryErrorParts {
  /** What went wrong. */
  code: Code
  /** The same for people, with what to do next. */
  message: string
  /** The registry's HTTP status, where an answer was the reason. */
  status?: number
  /** Whether the same call may succeed later without a change; `false` by default. */
  retryable?: boolean
  /** The request that was refused or not answered. */
  request?: FailedRequest
  /** What else is known. */
  details?: unknown
  /** What it comes from. */
  cause?: unknown
}

/**
 * The one error that portreeve raises by itself.
 *
 * Exceptions that are not its own come out as themselves: an aborted call rejects with the
 * signal's reason (an `AbortError` by default).
 *
 * @example
 * ```js
 * try {
 *   await connect("127.0.0.1:5555").repository("shop/web").manifest("v0");
 * } catch (error) {
 *   if (error instanceof RegistryError && error.code === "not_found") console.log("no such tag");
 *   else throw error;
 * }
 * ```
 */
export class RegistryError extends Error {
  /** The stable code to decide by; messages may change. */
  readonly code: Code
  /** The registry's HTTP status, where an answer was the reason. */
  readonly status: number | undefined
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean
  /** The request that was refused or not answered, where one was. */
  readonly request: FailedRequest | undefined
  /** What else is known: the registry's own errors, or the problems of a configuration. */
  readonly details: unknown

  /**
   * Makes one: for programs around portreeve that tell of failures in the same way.
   *
   * @throws {@link RegistryError} `invalid_argument` if there is no message in it.
   */
  constructor(parts: RegistryErrorParts) {
    if (typeof parts?.message !== 'string') throw withoutParts()
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = parts.code
    this.status = parts.status
    this.retryable = parts.retryable ?? false
    this.request = parts.request
    this.details = parts.details
  }
}

// a class that names itself inside is renamed by bundlers, so neither of these is in it
function withoutParts(): RegistryError {
  return new RegistryError({ code: 'invalid_argument', message: 'an error is made of a code and a message' })
}

// on the prototype, as the language's own errors have it
Object.defineProperty(RegistryError.prototype, 'name', { value: 'RegistryError', configurable: true, writable: true })
