import { core } from './core.js'
import type { Credential } from './options.js'

/** What docker's `config.json` knows of a registry. */
export interface DockerCredential {
  credential?: Credential
  /** The credential helper that may hold it instead: a program `docker-credential-<helper>`. */
  helper?: string
}

/** Looks a host up in the text of a `~/.docker/config.json`. */
export async function dockerCredential(text: string, host: string): Promise<DockerCredential> {
  return (await core()).dockerCredential(text, host) as DockerCredential
}
