import { RegistryError } from '../api/index.js'

/** Which proxy leads where. */
export interface Proxies {
  /** For addresses of http. */
  http?: string
  /** For addresses of https. */
  https?: string
  /** Hosts that are asked without one, as `NO_PROXY` lists them. */
  except: string
  /** Whether hosts on this machine are. */
  sparesThisMachine: boolean
}

/** What the environment says; lower case comes first, as for curl. */
export function environmentProxies(environment: NodeJS.ProcessEnv): Proxies {
  const named = (name: string) => [name.toLowerCase(), name].find((written) => environment[written])
  const address = (name: string) => {
    const written = named(name)
    return written === undefined ? undefined : proxyAddress(written, environment[written] ?? '')
  }
  const [http, https] = [address('HTTP_PROXY'), address('HTTPS_PROXY')]
  const except = environment[named('NO_PROXY') ?? ''] ?? ''
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    except,
    sparesThisMachine: true,
  }
}

/** An address that may leave its scheme out, as `proxy.acme.dev:3128`. Its password is in no error. */
export function proxyAddress(name: string, text: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (URL.canParse(address)) {
    const { protocol, href } = new URL(address)
    if (protocol === 'http:' || protocol === 'https:') return href
  }
  throw new RegistryError({
    code: 'invalid_argument',
    message: `${name} is no address of a proxy; write http://host:port, with user:password@ before the host if it wants them`,
  })
}

/** Whether a host, as in an address, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]'
}
