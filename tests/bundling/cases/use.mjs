// What every tool and runtime has to make work: both halves of the package, its errors and its streams.

import { connect, plan, RegistryError } from 'portreeve'

/** Reads, plans and fails at the demo registry; answers plain data, to be compared with expected.mjs. */
export async function use(host) {
  const web = connect(host).repository('shop/web')
  const tags = web.tags()
  let listed = 0
  for await (const { name } of tags) if (name) listed += 1
  const { complete } = await tags.done()
  const { platforms } = await web.image('v1.4.2')
  const layer = platforms[0].layers[0]
  const missing = await web.manifest('v0.0.0').catch((error) => error)
  const aborted = await web.manifest('v1.4.2', { signal: AbortSignal.abort() }).catch((error) => error)
  const policy = { delete: [{ name: 'closed prs', tags: 'pr-*', olderThan: { pushed: '7d' } }] }
  const { summary } = await plan({ policy, inventories: [await web.inventory()] })
  return {
    listed,
    complete,
    platforms: platforms.map(({ platform }) => `${platform.os}/${platform.architecture}`),
    wholeLayer: (await length(await web.blob(layer.digest))) === layer.size,
    missing: [missing instanceof RegistryError, missing.name, missing.code],
    aborted: aborted.name,
    deletes: summary.delete.groups > 0,
  }
}

async function length(stream) {
  let bytes = 0
  const reader = stream.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length
  return bytes
}
