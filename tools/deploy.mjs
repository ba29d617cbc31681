// npm run deploy: both faces, optimised, and the Worker uploaded to the account that wrangler is
// logged in to. What it serves and cleans is portreeve.json. Arguments go to `wrangler deploy`.

import { underNewerNode } from './node.mjs'

await underNewerNode()
const { main, run, step } = await import('./command.mjs')
const { setUp } = await import('./setup.mjs')
const { build } = await import('./build/all.mjs')
const { wrangler } = await import('./wrangler.mjs')

await main(async () => {
  await setUp()
  await build('release')
  const [program, args, options] = wrangler('deploy', ...process.argv.slice(2))
  // wrangler asks a person to log in
  await step('deploy', () => run(program, args, { ...options, interactive: true }))
})
