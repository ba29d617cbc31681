import { text as checked } from './argument.js'
import { core } from './core.js'
import type { Credentials } from './options.js'

/** What docker's `config.json` or Podman's `auth.json` knows of a registry. */
export interface DockerCredential extends Credentials {
  /** The credential helper that docker would ask first: a program `docker-credential-<helper>`. */
  helper?: string
}

/** Looks a host up in the text of a `~/.docker/config.json` or `auth.json`. */
export async function dockerCredential(text: string, host: string): Promise<DockerCredential> {
  const given = [checked('the configuration', text), checked('the host', host)] as const
  return (await core()).dockerCredential(...given) as DockerCredential
}
