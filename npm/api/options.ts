/**
 * A user name and password (or an access token in the password's place), a token that the registry
 * takes as it is, or a refresh token for its token server.
 */
export type Credential = { username: string; password: string } | { token: string } | { identityToken: string }

/** The part of `fetch` that portreeve uses; the global one fits. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>

/** How to reach one registry. */
export interface ConnectOptions {
  /** Sent only to this registry and to the token endpoint it names; without it, anonymous. */
  credential?: Credential
  /** `true` speaks http, `false` https; by default http is spoken to local hosts only. */
  plainHttp?: boolean
  /** Further headers for each request to the registry. */
  headers?: Record<string, string>
  /** Used in place of the global `fetch`, to count, log, route or fake requests. */
  fetch?: Fetch
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, and the request in flight, with the signal's reason. */
  signal?: AbortSignal
}
