export { fileStore } from './file_store.js'
export { dockerCredentials } from './credentials/docker.js'
export type { DockerCredentialsOptions } from './credentials/docker.js'
