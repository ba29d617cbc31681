// What use.mjs comes to, everywhere.

export const EXPECTED = {
  listed: 49,
  complete: true,
  platforms: ['linux/amd64', 'linux/arm64'],
  wholeLayer: true,
  missing: [true, 'RegistryError', 'not_found'],
  aborted: 'AbortError',
  deletes: true,
}
