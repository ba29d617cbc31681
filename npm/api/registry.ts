import { type Core, core, type Engine, engine } from './core.js'
import type { Listeners } from './events.js'
import type { ConnectOptions, CredentialCallback, Fetch } from './options.js'
import { Repository } from './repository.js'

/**
 * The two halves of the core open a client each; the cleanup engine's only where it is needed.
 *
 * @internal
 */
export interface Clients {
  client(): Promise<InstanceType<Core['Client']>>
  engineClient(): Promise<InstanceType<Engine['Client']>>
}

/**
 * Opens a registry. Nothing is sent before the first call that needs an answer.
 *
 * @param host host and port, such as `ghcr.io` or `127.0.0.1:5000`; no scheme, no path.
 *
 * @example
 * ```js
 * import { connect } from "portreeve";
 *
 * const web = connect("127.0.0.1:5555").repository("shop/web");
 * for await (const { name } of web.tags()) console.log(name);
 * ```
 *
 * In a Worker, connect anew in each request: what one request waits for must not belong to another.
 */
export function connect(host: string, options: ConnectOptions = {}): Registry {
  return new Registry(host, options)
}

/** One registry, with the way to reach it. Made by {@link connect}. */
export class Registry {
  /** As it was given to {@link connect}. */
  readonly host: string
  readonly #options: ConnectOptions
  #client: InstanceType<Core['Client']> | undefined
  #engineClient: InstanceType<Engine['Client']> | undefined

  /** @internal */
  constructor(host: string, options: ConnectOptions) {
    this.host = host
    this.#options = options
  }

  /** A repository of this registry, such as `library/alpine`. */
  repository(name: string): Repository {
    return new Repository(this.host, name, {
      client: async () => {
        const { Client } = await core()
        return (this.#client ??= this.#open(Client))
      },
      engineClient: async () => {
        const { Client } = await engine()
        return (this.#engineClient ??= this.#open(Client))
      },
    })
  }

  #open<Client>(
    Client: new (
      host: string,
      options: string,
      fetch?: Fetch,
      credentials?: CredentialCallback,
      listeners?: Listeners,
    ) => Client,
  ): Client {
    const { fetch, credential, onRequest, onResponse, onPause, ...settings } = this.#options
    const isCallback = typeof credential === 'function'
    const options = JSON.stringify(isCallback ? settings : { ...settings, credential })
    const listens = onRequest ?? onResponse ?? onPause
    const listeners = listens === undefined ? undefined : { onRequest, onResponse, onPause }
    return new Client(this.host, options, fetch, isCallback ? credential : undefined, listeners)
  }
}
