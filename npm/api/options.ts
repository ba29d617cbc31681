import type { Listeners } from './events.js'

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
 * Looks up what is known for a host, as references name it. It is called only where being nobody
 * does not do: reading a public image never calls it. What it answers serves every call of the
 * registry that was connected (the cleanup engine asks for itself), until a credential that has
 * opened something is refused: then it is asked once more, because that one may have ended. What it
 * throws is thrown by the calls that waited for it.
 */
export type CredentialCallback = (
  host: string,
) => Credential | Credentials | null | undefined | Promise<Credential | Credentials | null | undefined>

/** The part of `fetch` that portreeve uses; the global one fits. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>

/**
 * How to reach one registry.
 *
 * @example
 * ```js
 * connect("ghcr.io", {
 *   userAgent: "acme-deploy/2.1",
 *   timeouts: { deadline: 30_000 },
 *   onResponse: ({ method, url, status, milliseconds }) => console.log(method, url, status, milliseconds),
 * });
 * ```
 */
export interface ConnectOptions extends Listeners {
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
  /**
   * The origin of a portreeve Worker through which the registry is reached, such as
   * `https://cr.acme.dev`: for registries that let no page read them (CORS), and for clients that
   * get none of their credentials. Repositories keep their names; the credential is the Worker's.
   */
  via?: string
  /** Added to our own name in `User-Agent`, such as `acme-deploy/2.1`. Browsers send their own. */
  userAgent?: string
  /** Most requests in flight; 6 by default. */
  concurrency?: number
  /** Attempts at one request, the first included; 4 by default. Only what has no effect is repeated. */
  attempts?: number
  /** In milliseconds. */
  timeouts?: {
    /** Longest wait for an answer's headers; 30,000 by default. */
    headers?: number
    /** Longest silence within a body, also one that was handed over as a stream; 60,000 by default. */
    idle?: number
    /** Longest time for one request with all its attempts and pauses; 120,000 by default. */
    deadline?: number
  }
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, and the request in flight, with the signal's reason. */
  signal?: AbortSignal
}
