import { startDemoRegistry } from '../support/registries.mjs'
import { runEverywhere } from '../support/everywhere.mjs'

for (const file of ['client', 'inventory', 'planning', 'policy']) {
  runEverywhere({
    runtime: 'browser',
    file: new URL(`cases/${file}.mjs`, import.meta.url),
    context: async (t) => {
      const registry = await startDemoRegistry()
      t.after(() => registry.stop())
      return { host: registry.host }
    },
  })
}
