// A blob of 1 GiB, read to its end and compared with its digest.

import { join } from 'node:path'

import { temporaryFolder } from '../../../tests/support/servers.mjs'
import { step } from '../../command.mjs'
import { findPeer } from '../../peers/find.mjs'
import { measured, show } from './measured.mjs'
import { BIG } from './yard.mjs'

const PROGRAMS = join(import.meta.dirname, 'programs')

/** Compares, prints, and answers how many bounds were missed. */
export async function compareDownloads({ registry, big, repeat }) {
  const { host } = registry
  const { repository, tag, digest } = big
  const folder = temporaryFolder('bench')
  const [name, file] = [`${host}/${repository}`, join(folder, 'blob')]
  const program = (which) => `'${process.execPath}' '${join(PROGRAMS, which)}' ${host} ${repository} ${digest}`
  const insecure = `regctl registry set --tls disabled ${host} 2>/dev/null\n`
  const groups = {
    '1 GiB, verified, into nothing': {
      'portreeve (Node)': [undefined, program('download.mjs')],
      'fetch and node:crypto': [undefined, program('hash.mjs')],
      'curl | sha256sum': [undefined, `curl -sS http://${host}/v2/${repository}/blobs/${digest} | sha256sum >/dev/null`],
      'crane blob': ['crane', `crane blob --insecure ${name}@${digest} >/dev/null`],
      'regctl blob get': ['regctl', `${insecure}regctl blob get ${name} ${digest} >/dev/null`],
      'oras blob fetch': ['oras', `oras blob fetch --plain-http --output - ${name}@${digest} >/dev/null`],
    },
    '1 GiB, verified, into a file': {
      'portreeve (Node)': [undefined, `${program('download.mjs')} '${file}'`],
      'crane blob': ['crane', `crane blob --insecure ${name}@${digest} >'${file}'`],
      'skopeo copy': ['skopeo', `skopeo copy --quiet --src-tls-verify=false docker://${name}:${tag} dir:'${folder}/image'`],
    },
  }
  for (const [title, scripts] of Object.entries(groups)) {
    const rows = []
    for (const [each, [peer, script]] of Object.entries(scripts)) {
      const { reason } = peer ? findPeer(peer) : {}
      if (reason) {
        console.log(`without ${each}: ${reason}`)
        continue
      }
      const cleared = `rm -rf '${file}' '${folder}/image'\n${script}`
      const { seconds, cpuSeconds } = await step(each, () => measured(cleared, { registry, repeat }))
      rows.push({ name: each, seconds, cpuSeconds, rate: BIG / 1024 ** 2 / seconds })
    }
    show(title, rows, {
      seconds: { label: 'wall s' },
      cpuSeconds: { label: 'CPU s' },
      rate: { label: 'MiB/s', round: 0, ratio: false },
    })
  }
  return 0
}
