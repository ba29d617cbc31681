import { callback, count, json, object, options as checked, signalOf, text, texts, wrong } from './argument.js'
import { type Core, core, type Engine, engine } from './core.js'
import type { Capabilities } from './capabilities.js'
import { asyncDispose } from './dispose.js'
import { Listing } from './listing.js'
import type { CallOptions, ConnectOptions } from './options.js'
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
export function connect(host: string, options?: ConnectOptions): Registry {
  return new Registry(text('the host', host), checked(options))
}

/** A repository in a registry's list. */
export interface ListedRepository {
  /** Its path, such as `library/alpine`. */
  name: string
}

/** What a registry says of itself. */
export interface Ping {
  /** What it calls the API that it speaks, usually `registry/2.0`; many leave it out. */
  apiVersion?: string
}

/** What {@link Registry.token} asks for. */
export interface TokenOptions extends CallOptions {
  /** The repository it is for; without one, it only says who asks. */
  repository?: string
  /** What is to be allowed: `pull` (without a word, this), `push`, `delete`, or `*`. */
  actions?: string[]
}

/** A token that a registry takes as `Authorization: Bearer`. It is a secret. */
export interface RegistryToken {
  /** The token itself. */
  token: string
  /** When it ends (RFC 3339); absent for a token that is the credential itself. */
  expiresAt?: string
  /**
   * The scopes it says that it grants, such as `repository:shop/web:pull`, which may be fewer than
   * were asked for. Absent where the token does not say; only the registry can verify it.
   */
  granted?: string[]
}

/**
 * One registry, with the way to reach it. Made by {@link connect}.
 *
 * It holds memory of the core until it is collected as garbage; `await using`, where a program has
 * it, lets go at once.
 */
export class Registry implements AsyncDisposable {
  /** As it was given to {@link connect}. */
  readonly host: string
  readonly #options: ConnectOptions
  #client: InstanceType<Core['Client']> | undefined
  #engineClient: InstanceType<Engine['Client']> | undefined
  #closed = false

  /** @internal */
  constructor(host: string, options: ConnectOptions) {
    this.host = host
    this.#options = options
    // a mistake is told where it is made, not by the first call
    settings(options)
  }

  /**
   * A repository of this registry, such as `library/alpine`. Nothing is sent, and nothing tells yet
   * whether there is one of that name.
   */
  repository(name: string): Repository {
    return new Repository(this.host, text('the repository', name), {
      client: () => this.#opened(),
      engineClient: () => this.#openedEngine(),
    })
  }

  /**
   * All repositories of the registry, in its own order. Public registries list none.
   *
   * @throws {@link RegistryError} while it is read: `unsupported` where there is no such list,
   * `denied` where it is shown to others only.
   */
  repositories(options?: CallOptions & { limit?: number }): Listing<ListedRepository> {
    const { limit, ...call } = checked(options)
    const most = count('limit', limit, 1)
    return new Listing(async (signal) => (await this.#opened()).repositories(most, signal), signalOf(call))
  }

  /**
   * Asks whether a registry is there and takes the credential: one request to `/v2/`, and what
   * authentication takes.
   */
  async ping(options?: CallOptions): Promise<Ping> {
    const signal = signalOf(checked(options))
    return (await this.#opened()).ping(signal)
  }

  /**
   * What the registry can do, with how each answer is known. It takes a few requests, and a few
   * more with a repository to try them in; nothing is ever written to find out.
   */
  async capabilities(options?: CallOptions & { repository?: string }): Promise<Capabilities> {
    const { repository, ...call } = checked(options)
    const name = repository === undefined ? undefined : text('repository', repository)
    const signal = signalOf(call)
    return (await this.#opened()).capabilities(name, signal)
  }

  /**
   * A token of the registry's token server, for another program. One that is held and still good
   * is given again.
   *
   * @throws {@link RegistryError} `unsupported` where the registry uses no tokens, `unauthorized`
   * where its token server refuses the credential.
   */
  async token(options?: TokenOptions): Promise<RegistryToken> {
    const { repository, actions = ['pull'], ...call } = checked(options)
    const name = repository === undefined ? undefined : text('repository', repository)
    const wanted = texts('actions', actions)
    const signal = signalOf(call)
    return (await this.#opened()).token(name, wanted, signal)
  }

  /** Lets go of the memory. What runs comes to its end; what is called later is refused. */
  async [asyncDispose](): Promise<void> {
    this.#closed = true
    this.#client?.free()
    this.#engineClient?.free()
    this.#client = this.#engineClient = undefined
  }

  /** @internal */
  static engineClient(registry: unknown): Promise<InstanceType<Engine['Client']>> {
    const given = object('the registry', registry)
    if (#openedEngine in given) return given.#openedEngine()
    throw wrong('the registry', 'what connect() opened')
  }

  async #opened(): Promise<InstanceType<Core['Client']>> {
    const { Client } = await core()
    if (this.#closed) throw wrong('the registry', 'one that was not closed')
    return (this.#client ??= open(Client, this.host, this.#options))
  }

  async #openedEngine(): Promise<InstanceType<Engine['Client']>> {
    const { Client } = await engine()
    if (this.#closed) throw wrong('the registry', 'one that was not closed')
    return (this.#engineClient ??= open(Client, this.host, this.#options))
  }
}

/**
 * Opens a client of either half of the core.
 *
 * @internal
 */
export function open<Client>(
  Client: new (host: string, options: string, callbacks: object) => Client,
  host: string,
  options: ConnectOptions,
): Client {
  const { json: read, callbacks } = settings(options)
  return new Client(host, read, callbacks)
}

function settings(given: ConnectOptions): { json: string; callbacks: object } {
  const { fetch, credential, onRequest, onResponse, onPause, ...data } = given
  const isCallback = typeof credential === 'function'
  const listeners = {
    onRequest: callback('onRequest', onRequest),
    onResponse: callback('onResponse', onResponse),
    onPause: callback('onPause', onPause),
  }
  const listens = Object.values(listeners).some((listener) => listener !== undefined)
  return {
    json: json('the options', isCallback ? data : { ...data, credential }),
    callbacks: {
      fetch: callback('fetch', fetch),
      credential: isCallback ? credential : undefined,
      // without one, no event is made
      listeners: listens ? listeners : undefined,
    },
  }
}
