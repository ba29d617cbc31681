// Every registry that is not ours, in every way it lets people in.

import { startDistribution, startDockerRegistry, startOciRegistry } from './registries.mjs'

/** `{ title, peers, start, referrers }`; `referrers`: whether it has the referrers API. */
export const REAL_REGISTRIES = [
  { title: 'docker-registry 2.8', peers: ['docker-registry'], start: () => startDockerRegistry(), referrers: false },
  { title: 'docker-registry 2.8 with htpasswd', peers: ['docker-registry'], start: () => startDockerRegistry({ auth: 'htpasswd' }), referrers: false },
  { title: 'distribution 3', peers: ['distribution 3'], start: () => startDistribution(), referrers: false },
  { title: 'distribution 3 with htpasswd', peers: ['distribution 3'], start: () => startDistribution({ auth: 'htpasswd' }), referrers: false },
  { title: 'distribution 3 with tokens', peers: ['distribution 3'], start: () => startDistribution({ auth: 'token' }), referrers: false },
  { title: 'ociregistry', peers: ['ociregistry'], start: () => startOciRegistry(), referrers: true },
]
