// npm run bench -- NAME: measurements that a release has to pass. Without a name: which there are.

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { Failure, main } = await import('./command.mjs')

const BENCHES = { blob: () => import('./bench/blob.mjs'), client: () => import('./bench/client.mjs'), plan: () => import('./bench/plan.mjs') }

await main(async () => {
  const [name] = process.argv.slice(2)
  if (!(name in BENCHES)) throw new Failure(`npm run bench -- NAME, where NAME is one of: ${Object.keys(BENCHES).join(', ')}`)
  const { bench } = await BENCHES[name]()
  process.exit(await bench())
})
