// Every registry that is not ours, in every way it lets people in.

import { needs } from './peers.mjs'
import { externalRegistry, noExternalRegistry, startDistribution, startDockerRegistry, startOciRegistry } from './registries.mjs'

const with28 = needs('docker-registry', 'crane', 'skopeo')
const with3 = needs('distribution 3', 'crane', 'skopeo')

/** `{ title, skip, start }`: what it is called, why it or the clients that fill it are missing, how it starts. */
export const REAL_REGISTRIES = [
  { title: 'docker-registry 2.8', skip: with28, start: () => startDockerRegistry() },
  { title: 'docker-registry 2.8 with htpasswd', skip: with28, start: () => startDockerRegistry({ auth: 'htpasswd' }) },
  { title: 'distribution 3', skip: with3, start: () => startDistribution() },
  { title: 'distribution 3 with htpasswd', skip: with3, start: () => startDistribution({ auth: 'htpasswd' }) },
  { title: 'distribution 3 with tokens', skip: with3, start: () => startDistribution({ auth: 'token' }) },
  { title: 'ociregistry', skip: needs('ociregistry', 'crane', 'skopeo'), start: () => startOciRegistry() },
  { title: 'the registry of TEST_REGISTRY', skip: noExternalRegistry() || needs('crane', 'skopeo'), start: () => externalRegistry() },
]
