// crane and skopeo, logged in where a registry asks for it, and with nothing of the user's own:
//
//   const { crane, copy, raw } = clientsOf(demo, registry)
//   await crane('ls', `${registry.host}/team/web`)           // what it printed, as bytes
//   await copy(`docker://${registry.host}/team/web:v1`, 'dir:/tmp/v1')
//   await raw(`${registry.host}/team/web:v1`)                 // the manifest's bytes, by skopeo
//
// Each of the registries is `{ host, username?, password? }`, and speaks plain HTTP.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { execute } from './peers.mjs'
import { temporaryFolder } from './servers.mjs'

/** The clients with one account for each registry that has one; needs crane and skopeo. */
export function clientsOf(...registries) {
  const folder = temporaryFolder('clients')
  const authFile = join(folder, 'config.json')
  writeFileSync(authFile, JSON.stringify({ auths: Object.fromEntries(registries.flatMap(account)) }))
  const options = { env: { ...process.env, DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: authFile }, encoding: 'buffer' }
  const crane = async (...args) => (await execute('crane', [...args, '--insecure'], options)).stdout
  const skopeo = async (...args) => (await execute('skopeo', ['--insecure-policy', ...args], options)).stdout
  return {
    /** Holds docker's config.json, for whoever else reads one. */
    folder,
    crane,
    /** Every platform, and not one byte of a manifest changed. */
    copy: (from, to) => skopeo('copy', '--all', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false', from, to),
    raw: (reference) => skopeo('inspect', '--raw', '--tls-verify=false', `docker://${reference}`),
  }
}

function account({ host, username, password }) {
  return username ? [[host, { auth: Buffer.from(`${username}:${password}`).toString('base64') }]] : []
}
