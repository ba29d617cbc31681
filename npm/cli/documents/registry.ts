import { Type } from 'typebox'
import {
  completion,
  count,
  descriptor,
  descriptorWith,
  digest,
  document,
  maybe,
  oneOf,
  place,
  platform,
  problem,
  text,
  texts,
  time,
  words,
  yes,
  anything,
} from './parts.js'

const tag = Type.Object(
  {
    name: text('the tag'),
    digest: maybe(digest),
    mediaType: maybe(text('of the manifest it shows')),
    size: maybe(count('in bytes: what a pull downloads, of an index all its platforms')),
    created: maybe(time('when the image was built')),
    pushed: maybe(time('when the registry received it')),
    platforms: maybe(Type.Array(platform)),
    sources: maybe(
      Type.Object(
        {
          created: maybe(oneOf(['annotation', 'config', 'tagsList'], 'where `created` comes from')),
          pushed: maybe(oneOf(['tagsList'], 'where `pushed` comes from')),
        },
        { description: 'who told the times' },
      ),
    ),
    error: maybe(problem),
  },
  { description: 'one tag; beside the name what `--with` asks for, or what the list tells by itself' },
)

export const tagsDocument = document('portreeve.tags/1', 'The tags of a repository.', {
  ...place,
  tags: Type.Array(tag),
  ...completion,
})

export const repositoriesDocument = document('portreeve.repositories/1', 'The repositories of a registry.', {
  host: place.host,
  repositories: Type.Array(Type.Object({ name: text('the path on that host') })),
  ...completion,
})

export const digestDocument = document('portreeve.digest/1', 'What a tag shows now.', {
  ...place,
  reference: text('as it was asked for, with its host'),
  digest,
  mediaType: text('of the manifest'),
  size: maybe(count('in bytes, of the manifest itself')),
})

export const manifestDocument = document('portreeve.manifest/1', 'A manifest or index.', {
  ...place,
  digest,
  mediaType: text('of the manifest'),
  size: count('in bytes, of the manifest itself'),
  manifest: anything('the manifest, parsed; a pipe gets its bytes without `--json`'),
})

const platformImage = Type.Object(
  {
    digest,
    platform,
    size: count('in bytes: what a pull downloads'),
    created: maybe(time('when it was built')),
    labels: maybe(words('of the configuration')),
    config: anything('the image configuration, as it came'),
    layers: Type.Array(
      descriptorWith({ instruction: maybe(text('what made it, as the history tells')) }, 'a layer'),
      { description: 'base first' },
    ),
  },
  { description: 'the image of one platform' },
)

const attached = descriptorWith(
  {
    kind: oneOf(['signature', 'attestation', 'sbom', 'chart', 'cache', 'image', 'index', 'other'], 'what it is'),
    source: oneOf(['api', 'fallbackTag', 'cosignTag', 'index'], 'where it was found'),
    subject: digest,
    predicateTypes: maybe(texts('what an attestation states')),
  },
  'what was attached to the image or to one of its platforms',
)

export const inspectDocument = document('portreeve.inspect/1', 'An image, as a person wants to see it.', {
  ...place,
  digest,
  mediaType: text('of the manifest or index'),
  artifactType: maybe(text('where it is no image')),
  created: maybe(time('when it was built: the latest of its platforms')),
  annotations: words('of the manifest or index'),
  files: maybe(Type.Array(descriptor, { description: 'what an artifact holds' })),
  platforms: Type.Array(platformImage, { description: "in the index's own order; none for an artifact" }),
  missing: Type.Array(descriptor, { description: 'what the index lists and the registry does not have' }),
  attached: Type.Array(attached, { description: 'signatures, attestations, SBOMs' }),
  attachedComplete: yes('whether these are proven to be all'),
})

export const blobDocument = document('portreeve.blob/1', 'A blob that was read to a file.', {
  ...place,
  digest,
  size: count('in bytes, of what was written'),
  file: text('where it was written'),
  verified: yes('whether the bytes have the digest; a part of a blob (`--range`) cannot be'),
})

export const referrersDocument = document('portreeve.referrers/1', 'What was attached to a manifest.', {
  ...place,
  digest,
  referrers: Type.Array(
    descriptorWith(
      { source: maybe(oneOf(['api', 'fallbackTag', 'cosignTag'], 'where it was found')) },
      'a manifest that names this one as its subject',
    ),
  ),
  ...completion,
})

export const tagDocument = document('portreeve.tag/1', 'Tags that were set.', {
  ...place,
  digest,
  dryRun: yes('whether nothing was to be done'),
  tags: Type.Array(
    Type.Object({
      name: text('the tag'),
      was: maybe(digest),
      outcome: oneOf(['created', 'moved', 'unchanged', 'failed', 'planned'], 'what became of it'),
      problem: maybe(problem),
    }),
  ),
})

const vanishes = {
  tags: texts('every tag that shows the manifest'),
  indexes: Type.Array(Type.Object({ digest, tags: texts('its tags') }), {
    description: 'tagged indexes that list it, and would no longer be whole',
  }),
  attached: Type.Array(attached, { description: 'what hangs on it' }),
}

export const untagDocument = document('portreeve.untag/1', 'A tag that was taken away.', {
  ...place,
  tag: text('the tag'),
  digest,
  siblings: texts('tags that show the same manifest, and stay'),
  attached: vanishes.attached,
  dryRun: yes('whether nothing was to be done'),
  done: yes('whether it is gone'),
})

export const deleteDocument = document('portreeve.delete/1', 'A manifest that was deleted, with its tags.', {
  ...place,
  digest,
  ...vanishes,
  dryRun: yes('whether nothing was to be done'),
  done: yes('whether it is gone'),
})

const known = oneOf(['probed', 'confirmed', 'documented', 'unknown'], 'how: asked just now, seen at such a registry, in its documentation')
const finding = (description: string) =>
  Type.Object({ is: oneOf(['yes', 'no', 'depends', 'unknown'], 'the answer'), known }, { description })

export const capabilitiesDocument = document('portreeve.capabilities/1', 'What a registry can do, and how that is known.', {
  host: place.host,
  registry: Type.Object(
    { id: text('stable, such as `ghcr`'), name: text('as people call it'), source: text('where its row comes from') },
    { description: 'which kind it is' },
  ),
  recognisedBy: oneOf(['host', 'answer', 'nothing'], 'what that rests on'),
  authentication: Type.Object({ is: oneOf(['none', 'basic', 'bearer', 'either', 'unknown'], 'the answer'), known }),
  pageSize: count('the page size that listings ask for first'),
  limits: text('what it limits, in words'),
  tellsMissing: finding("whether a repository that is not there is told apart from one that is not yours"),
  namesDigests: finding('whether answers name the digest of what they bring'),
  sha512: finding('whether it takes content that is named by sha512'),
  pagedList: finding('whether it lists tags in pages of the size asked for'),
  wholeList: finding('whether a list of tags read to its end is all there is'),
  datesInList: finding('whether its list of tags tells when each was pushed'),
  listsUntagged: finding('whether it tells of manifests without a tag'),
  catalog: finding('whether it lists its repositories'),
  referrers: finding('whether it has the referrers API'),
  deleteByDigest: finding('whether DELETE of a digest deletes the manifest'),
  untag: finding('whether DELETE of a tag takes that tag alone'),
  immutableTags: finding('whether tags can be locked'),
  requestsUsed: completion.requestsUsed,
})

export const registryTokenDocument = document('portreeve.registry-token/1', "A registry's token for a repository.", {
  ...place,
  actions: texts('what it was asked for'),
  granted: maybe(texts('the scopes that it says it grants, not verified')),
  expires: maybe(time('when it ends')),
  token: maybe(text('the token itself, a secret; only with `--raw`')),
})
