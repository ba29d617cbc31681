/**
 * A user name and password (or an access token in the password's place), a token that the registry
 * takes as it is, or a refresh token for its token server.
 */
export type Credential = { username: string; password: string } | { token: string } | { identityToken: string }

/** What is known for a registry: one credential for it, and others for repositories below it. */
export interface Credentials {
  /** For whatever `repositories` does not name. */
  credential?: Credential
  /** By path, such as `team` or `team/web`; the most specific one is used. */
  repositories?: Record<string, Credential>
}

/**
 * Looks up what is known for a host, as references name it. It is called once a registry, and only
 * where being nobody does not do: reading a public image never calls it. What it throws is thrown
 * by the call that needed it.
 */
export type CredentialCallback = (
  host: string,
) => Credential | Credentials | null | undefined | Promise<Credential | Credentials | null | undefined>

/** The part of `fetch` that portreeve uses; the global one fits. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>

/** How to reach one registry. */
export interface ConnectOptions {
  /**
   * Sent only to this registry and to its own token endpoint; without it, anonymous. A credential
   * is used as soon as the registry asks for one; a callback is called only where being nobody
   * does not do.
   */
  credential?: Credential | CredentialCallback
  /**
   * Token endpoints, as `host` or `host:port`, that may see the credential beside those on the
   * registry's own domain. They are asked by https; a whole origin such as `http://10.0.0.7:5001`
   * allows plain http there.
   */
  realms?: string[]
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
