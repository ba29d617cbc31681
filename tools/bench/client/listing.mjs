// The build dates of 1,000 tags: one program of ours, and the scripts that people write around
// theirs, with as many processes side by side as they are told to.

import { join } from 'node:path'

import { ROOT, step } from '../../command.mjs'
import { findPeer } from '../../peers/find.mjs'
import { measured, show } from './measured.mjs'
import { TAGS, builtOn } from './yard.mjs'

const PROGRAM = join(import.meta.dirname, 'programs', 'dates.mjs')

/** Compares, prints, and answers how many bounds were missed. */
export async function compareListings({ registry, repository, repeat }) {
  const { host } = registry
  const name = `${host}/${repository}`
  const node = `'${process.execPath}'`
  const scripts = {
    'portreeve (Node)': [undefined, `${node} '${PROGRAM}' ${host} ${repository}`],
    'portreeve tags': [undefined, `${node} '${join(ROOT, 'npm/bin/portreeve.js')}' tags ${name} --with created --json | jq -r '.tags[] | .name + " " + .created'`],
    'crane, 8 at once': [
      'crane',
      `crane ls --insecure ${name} | xargs -P 8 -I{} sh -c 'echo "{} $(crane config --insecure ${name}:{} | jq -r .created)"'`,
    ],
    'regctl, 8 at once': [
      'regctl',
      `regctl tag ls ${name} | xargs -P 8 -I{} sh -c 'echo "{} $(regctl image config ${name}:{} | jq -r .created)"'`,
    ],
    'skopeo, 8 at once': [
      'skopeo',
      `skopeo list-tags --tls-verify=false docker://${name} | jq -r '.Tags[]' | ` +
        `xargs -P 8 -I{} sh -c 'echo "{} $(skopeo inspect --config --tls-verify=false docker://${name}:{} | jq -r .created)"'`,
    ],
  }
  const rows = []
  for (const [title, [peer, script]] of Object.entries(scripts)) {
    const { reason } = peer ? findPeer(peer) : {}
    if (reason) {
      console.log(`without ${title}: ${reason}`)
      continue
    }
    // regctl has to be told that a registry speaks plain HTTP, and remembers it
    const prepared = peer === 'regctl' ? `regctl registry set --tls disabled ${host} 2>/dev/null\n${script}` : script
    const { output, ...figures } = await step(title, () => measured(prepared, { registry, repeat }))
    check(title, output)
    rows.push({ name: title, ...figures })
  }
  show(`${TAGS} tags with their build dates`, rows, {
    seconds: { label: 'wall s' },
    cpuSeconds: { label: 'CPU s' },
    requests: { label: 'requests', round: 0 },
  })
  return 0
}

function check(title, output) {
  const found = new Map(output.trim().split('\n').map((line) => line.split(' ')))
  for (let number = 1; number <= TAGS; number++) {
    const tag = `t${String(number).padStart(4, '0')}`
    if (found.get(tag) !== builtOn(number)) throw new Error(`${title}: ${tag} was built ${builtOn(number)}, not ${found.get(tag)}`)
  }
}
