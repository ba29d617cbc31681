// A repository as cleanups meet them, in a real registry: `team/web` with some fifty tags, indexes of
// two platforms with attestations, signatures, an SBOM, an index of indexes on either side of the
// policy, several tags on one digest, a tag on a child, children that a kept image shares.

import { clientsOf } from './clients.mjs'
import { attachSbom, sourceProfile } from './contents.mjs'
import { everyManifest, lookAt, tagsOf } from './look.mjs'
import { startDemoRegistry } from './registries.mjs'

const DAY = 24 * 60 * 60 * 1000

/** The policy that the tests clean by; `minimumAge` is what they differ in. */
export function policyOf({ minimumAge }) {
  return {
    minimumAge,
    keep: [
      { name: 'releases', tags: { regex: 'v[0-9]+[.][0-9]+[.][0-9]+' } },
      { name: 'latest', tags: 'latest' },
    ],
    delete: [
      {
        name: 'branch builds',
        tags: { regex: '(?<branch>.+)-[0-9a-f]{40}' },
        beyondNewest: { count: 10, per: 'branch', by: 'created' },
        olderThan: { created: '30d' },
      },
      { name: 'closed prs', tags: { regex: 'pr-[0-9]+(-.+)?' }, olderThan: { created: '7d' } },
    ],
  }
}

/** portreeve.json for it: the registry is the upstream `real`, the job is `web`; `{ configuration, env }`. */
export function cleaningOf({ host, username, password }, { minimumAge = { created: '48h' } } = {}) {
  const credential = username ? { username: 'REAL_USER', password: 'REAL_PASSWORD' } : 'anonymous'
  return {
    configuration: {
      version: 1,
      upstreams: { real: { host, credentials: { read: credential, delete: credential } } },
      policies: { web: policyOf({ minimumAge }) },
      jobs: { web: { repositories: ['real/team/web'], policy: 'web', limits: { repository: { share: '75%', survivors: 5 } } } },
    },
    env: { REAL_USER: username ?? '', REAL_PASSWORD: password ?? '' },
  }
}

/**
 * Fills `team/web` and answers what an independent eye sees there: `{ crane, copy, look, reference,
 * tags, manifests, condemned, special }`. `tags` maps every tag to its digest, `manifests` is all
 * that is below them, `condemned` are the tags that go: the policy selects them and nothing protects
 * them. `special` are the tags that each stand for a case.
 */
export async function fillBusyRepository(registry) {
  const demo = await startDemoRegistry(sourceProfile(registry))
  try {
    const { crane, copy } = clientsOf(demo, registry)
    const from = (name) => `${demo.host}/shop/${name}`
    const to = (name) => `${registry.host}/team/${name}`
    await crane('cp', '--all-tags', '--jobs', '8', from('web'), to('web'))
    await attachSbom({ crane, from, to, referrers: registry.referrers })
    const aged = await selectedByAge(await lookAt(demo, 'shop/web'))
    const [kept, inNest, pinned, held] = aged.branchBuilds
    const [pull] = aged.pullRequests
    const special = { kept, inNest, pinned, held, pull, nest: `main-${'a'.repeat(40)}` }
    // with a tag that nothing selects a digest stays; with another that is selected too, it goes
    await crane('tag', to(`web:${kept}`), 'stable')
    await crane('tag', to(`web:${pull}`), `${pull}-again`)
    // a child with a tag of its own outlives its index
    const { manifests: children } = JSON.parse(await crane('manifest', to(`web:${pinned}`)))
    await crane('tag', to(`web@${children[0].digest}`), 'pinned-amd64')
    // an index of indexes keeps what it holds, or goes before what it holds
    await crane('index', 'append', '--flatten=false', '-m', to(`web:${held}`), '-t', to('web:train'))
    await crane('index', 'append', '--flatten=false', '-m', to(`web:${inNest}`), '-t', to(`web:${special.nest}`))
    const look = await lookAt(registry, 'team/web')
    const tags = await tagsOf(look)
    const selected = [...aged.branchBuilds, ...aged.pullRequests, `${pull}-again`, special.nest]
    const condemned = new Set(selected.filter((tag) => tag !== kept && tag !== held))
    // a signature goes with what it signs
    for (const tag of [...condemned]) {
      const signature = `${tags[tag].replace(':', '-')}.sig`
      if (signature in tags) condemned.add(signature)
    }
    return { crane, copy, look, reference: to('web'), tags, manifests: await everyManifest(look, Object.keys(tags)), condemned, special }
  } finally {
    await demo.stop()
  }
}

/** The tags that the policy selects, oldest last, by the creation times in their configurations. */
async function selectedByAge(look) {
  const tags = Object.keys(await tagsOf(look))
  const created = async (target) => {
    const { manifests, config } = await (await look(`manifests/${target}`)).json()
    if (config) return (await (await look(`blobs/${config.digest}`)).json()).created
    const platforms = manifests.filter(({ annotations }) => !annotations?.['vnd.docker.reference.type'])
    return (await Promise.all(platforms.map(({ digest }) => created(digest)))).sort().at(-1)
  }
  const newestFirst = async (pattern) => {
    const found = await Promise.all(tags.filter((tag) => pattern.test(tag)).map(async (tag) => ({ tag, created: await created(tag) })))
    return found.sort((one, other) => (one.created < other.created ? 1 : -1))
  }
  const olderThan = (days) => ({ created }) => Date.now() - new Date(created) > days * DAY
  const named = ({ tag }) => tag
  return {
    branchBuilds: (await newestFirst(/^main-[0-9a-f]{40}$/)).slice(10).filter(olderThan(30)).map(named),
    pullRequests: (await newestFirst(/^pr-/)).filter(olderThan(7)).map(named),
  }
}
