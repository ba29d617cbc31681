import { type Credential, RegistryError } from '../../api/index.js'

/** The credential in `PORTREEVE_TOKEN_<HOST>`, or in the two with `USERNAME` and `PASSWORD`. */
export function fromVariables(host: string, env: Record<string, string | undefined>): Credential | undefined {
  const name = variableOf(host)
  const value = (kind: string) => env[`PORTREEVE_${kind}_${name}`] || undefined
  const token = value('TOKEN')
  if (token !== undefined) return { token }
  const [username, password] = [value('USERNAME'), value('PASSWORD')]
  if (username !== undefined && password !== undefined) return { username, password }
  if (username === undefined && password === undefined) return undefined
  const [there, lacking] = username === undefined ? ['PASSWORD', 'USERNAME'] : ['USERNAME', 'PASSWORD']
  const message = `PORTREEVE_${there}_${name} is set and PORTREEVE_${lacking}_${name} is not: ${host} needs both`
  throw new RegistryError({ code: 'invalid_configuration', message })
}

/** `registry.acme-dev.io:5000` as `REGISTRY_ACME__DEV_IO_5000`: another host, another name. */
function variableOf(host: string): string {
  return host.toUpperCase().replaceAll('-', '__').replace(/[^A-Z0-9_]/g, '_')
}
