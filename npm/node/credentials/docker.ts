import { expect, isObject } from '../argument.js'
import { type Credentials, type CredentialCallback, dockerCredential, RegistryError } from '../../api/index.js'
import { files } from './files.js'
import { askHelper, HelperMissing } from './helper.js'
import { fromVariables } from './variables.js'

/** Where {@link dockerCredentials} looks. */
export interface DockerCredentialsOptions {
  /** Files to read in the place of the usual ones, the first that knows the host wins. */
  files?: string[]
  /** Variables in the place of `process.env`; helpers run with them, too. */
  env?: Record<string, string | undefined>
  /** How long a credential helper may take, in milliseconds; 30,000 by default. */
  helperTimeout?: number
}

/**
 * A callback for `connect` that finds what `docker login`, `podman login` and their like have
 * left behind. In this order, the first that knows the host wins:
 *
 * 1. the variables `PORTREEVE_TOKEN_<HOST>`, or `PORTREEVE_USERNAME_<HOST>` and
 *    `PORTREEVE_PASSWORD_<HOST>`, with the host in capitals, `-` as `__` and all else as `_`:
 *    `PORTREEVE_TOKEN_GHCR_IO`
 * 2. the text in `DOCKER_AUTH_CONFIG`
 * 3. the file that `REGISTRY_AUTH_FILE` names
 * 4. `config.json` in `DOCKER_CONFIG` or `~/.docker`
 * 5. `containers/auth.json` in `XDG_RUNTIME_DIR`
 * 6. `containers/auth.json` in `XDG_CONFIG_HOME` or `~/.config`
 *
 * A file that names a credential helper for the host (`credHelpers`, `credsStore`) has it asked:
 * the program `docker-credential-<name>`, found on the PATH and run without a shell. Nothing is
 * read and nothing run before a registry wants more than nobody.
 *
 * Sources: docker's "docker login" reference and its credential helper protocol,
 * containers-auth.json(5).
 *
 * @throws `RegistryError` by the call that needed it: `invalid_configuration` for a file, an
 * entry or a helper that is broken, `timeout` for a helper that does not answer.
 *
 * @example
 * ```js
 * import { connect } from "portreeve";
 * import { dockerCredentials } from "portreeve/node";
 *
 * const registry = connect("ghcr.io", { credential: dockerCredentials() });
 * ```
 */
export function dockerCredentials(options: DockerCredentialsOptions = {}): CredentialCallback {
  expect('the options', 'an object', isObject(options))
  const { env = process.env, files: named, helperTimeout = 30_000 } = options
  expect('files', 'a list of paths', named === undefined || (Array.isArray(named) && named.every((file) => typeof file === 'string')))
  expect('env', 'an object of texts', isObject(env) && Object.values(env).every((value) => value === undefined || typeof value === 'string'))
  expect('helperTimeout', 'milliseconds', typeof helperTimeout === 'number' && helperTimeout > 0)
  return async (host) => {
    const variables = fromVariables(host, env)
    if (variables !== undefined) return variables
    const found: Required<Pick<Credentials, 'repositories'>> & Credentials = { repositories: {} }
    let missing: HelperMissing | undefined
    for (const { name, text } of files(options.files, env)) {
      const content = await text()
      if (content === undefined) continue
      const known = await within(name, () => dockerCredential(content, host))
      found.repositories = { ...known.repositories, ...found.repositories }
      const { helper } = known
      const asked = helper === undefined ? undefined : await askHelper(helper, host, { env, timeout: helperTimeout, named: name })
      if (asked instanceof HelperMissing) missing ??= asked
      const credential = (asked instanceof HelperMissing ? undefined : asked) ?? known.credential
      if (credential !== undefined) return { ...found, credential }
    }
    if (missing !== undefined && Object.keys(found.repositories).length === 0) throw missing.error()
    return found
  }
}

/** Says of which file an error speaks. */
async function within<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError({ code: error.code, message: `${name}: ${error.message}`, cause: error })
  }
}
