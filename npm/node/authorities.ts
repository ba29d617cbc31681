import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as tls from 'node:tls'
import { RegistryError } from '../api/index.js'

/** Every authority that is trusted: Node's own, those of `NODE_EXTRA_CA_CERTS`, and these. */
export async function authorities(further: string | string[] | undefined): Promise<string[] | undefined> {
  if (further === undefined) return undefined
  const given = await Promise.all([further].flat().map((one) => (isPem(one) ? checked('ca', one) : read(one))))
  return [...(await trusted()), ...given]
}

/** A list for a connection replaces what Node trusts by itself, so that this is part of it. */
async function trusted(): Promise<readonly string[]> {
  // from Node 22.15 on
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] }
  if (getCACertificates !== undefined) return getCACertificates('default')
  const file = process.env['NODE_EXTRA_CA_CERTS']
  // Node itself only warns of one that is missing
  const extra = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '')
  return extra === '' ? tls.rootCertificates : [...tls.rootCertificates, extra]
}

async function read(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message
    throw new RegistryError({ code: 'invalid_argument', message: `${file}: ${why}`, cause })
  })
  return checked(file, text)
}

function checked(name: string, text: string): string {
  try {
    new X509Certificate(text)
    return text
  } catch (cause) {
    const message = `${name} holds no certificate; expected PEM, from -----BEGIN CERTIFICATE----- on`
    throw new RegistryError({ code: 'invalid_argument', message, cause })
  }
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN')
}
