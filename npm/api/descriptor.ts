/** Where an image runs, in the words of the OCI image specification. */
export interface Platform {
  os: string
  architecture: string
  variant?: string
  'os.version'?: string
  'os.features'?: string[]
}

/** A pointer to content: what it is, its digest, and its size in bytes. */
export interface Descriptor {
  mediaType: string
  digest: string
  size: number
  artifactType?: string
  platform?: Platform
  annotations?: Record<string, string>
  urls?: string[]
  data?: string
}
