import { expect, isObject } from './argument.js'
import { environmentProxies, isLoopback, proxyAddress, type Proxies } from './proxy.js'
import { authorities } from './authorities.js'
import { type Fetch, RegistryError } from '../api/index.js'

/** What {@link nodeFetch} does that Node's own `fetch` does not. */
export interface NetworkOptions {
  /**
   * The proxy for everything, such as `http://proxy.acme.dev:3128`, with user name and password if
   * it wants them; `false` for none. When left out, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`
   * decide (lower case comes first), and hosts on this machine are asked without a proxy.
   */
  proxy?: string | false
  /**
   * Certificate authorities beside those that Node trusts: texts in PEM, or names of files that
   * hold them. `NODE_EXTRA_CA_CERTS` works without it.
   */
  ca?: string | string[]
  /** Takes any certificate, whoever signed it. Whoever sits in between then reads everything. */
  insecure?: boolean
  /** Longest wait for a connection, in milliseconds; 10,000 by default. */
  connectTimeout?: number
}

/**
 * A `fetch` for `ConnectOptions.fetch` that knows proxies, further certificate authorities
 * and registries without a good certificate. It is Node's own where none of these is asked for;
 * else it is undici's, which is loaded at the first request.
 *
 * @example
 * ```js
 * import { connect } from "portreeve";
 * import { nodeFetch } from "portreeve/node";
 *
 * const registry = connect("registry.acme.dev", { fetch: nodeFetch({ ca: "acme-ca.pem" }) });
 * ```
 */
export function nodeFetch(options: NetworkOptions = {}): Fetch {
  check(options)
  const proxies = proxiesOf(options.proxy)
  const { ca, insecure, connectTimeout } = options
  const plain = ca === undefined && insecure !== true && connectTimeout === undefined
  if (plain && proxies.http === undefined && proxies.https === undefined) return (input, init) => fetch(input, init)
  let opened: Promise<Fetch> | undefined
  return async (input, init) => {
    // one that fails, for a missing file, is tried anew by the next request
    opened ??= open(options, proxies).catch((error) => {
      opened = undefined
      throw error
    })
    return (await opened)(input, init)
  }
}

/** One pool of connections for each way: straight, and through the proxies. */
async function open({ ca, insecure, connectTimeout }: NetworkOptions, proxies: Proxies): Promise<Fetch> {
  const [{ Agent, EnvHttpProxyAgent, fetch }, trusted] = await Promise.all([import('./undici.js'), authorities(ca)])
  const tls = {
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...(connectTimeout === undefined ? {} : { timeout: connectTimeout }),
  }
  const direct = new Agent({ connect: tls })
  const proxied = new EnvHttpProxyAgent({
    httpProxy: proxies.http ?? '',
    httpsProxy: proxies.https ?? '',
    noProxy: proxies.except,
    connect: tls,
    requestTls: tls,
    proxyTls: tls,
    // what is plain http is asked of the proxy itself, as curl does: many tunnel to 443 alone
    proxyTunnel: false,
  })
  return (input, init) => {
    const { protocol, hostname } = new URL(input)
    const proxy = protocol === 'https:' ? proxies.https : proxies.http
    const straight = proxy === undefined || (proxies.sparesThisMachine && isLoopback(hostname))
    return fetch(input, { ...init, dispatcher: straight ? direct : proxied })
  }
}

function proxiesOf(proxy: string | false | undefined): Proxies {
  if (proxy === undefined) return environmentProxies(process.env)
  if (proxy === false) return { except: '', sparesThisMachine: true }
  const address = proxyAddress('proxy', proxy)
  return { http: address, https: address, except: '', sparesThisMachine: false }
}

function check(options: NetworkOptions): void {
  expect('the options', 'an object', isObject(options))
  const { proxy, ca, insecure, connectTimeout } = options
  const wrong = (name: string, expected: string) => new RegistryError({ code: 'invalid_argument', message: `${name}: expected ${expected}` })
  if (proxy !== undefined && proxy !== false && typeof proxy !== 'string') throw wrong('proxy', 'an address, or false')
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  if (ca !== undefined && !(Array.isArray(ca) ? ca : [ca]).every(isText)) throw wrong('ca', 'PEM texts or names of files')
  if (insecure !== undefined && typeof insecure !== 'boolean') throw wrong('insecure', 'true or false')
  if (connectTimeout !== undefined && !(Number.isFinite(connectTimeout) && connectTimeout > 0)) {
    throw wrong('connectTimeout', 'milliseconds above 0')
  }
}
