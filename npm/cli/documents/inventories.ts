import { Type } from 'typebox'
import { count, document, maybe, place, text, texts, time, yes } from './parts.js'

const span = (description: string) =>
  Type.Object({ oldest: time('the first'), newest: time('the last') }, { description })

const contents = Type.Object(
  {
    manifests: count('manifests in all'),
    kinds: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { description: 'how many of each kind that there is' }),
    tags: count('tags in all'),
    tagged: count('manifests that a tag shows'),
    unreadable: count('manifests whose content could not be read'),
    layers: maybe(
      Type.Object({ count: count('how many'), bytes: count('their bytes together') }, { description: 'each once; with --layers' }),
    ),
    pushed: maybe(span('of the pushes, where the registry records them')),
    created: maybe(span('of the builds, as far as they were read')),
  },
  { description: 'what is in it, counted' },
)

export const inventoriesDocument = document(
  'portreeve.inventories/1',
  'What was read of each repository; `--out` writes the inventories themselves (`portreeve.inventory/1`, JSON Lines).',
  {
    inventories: Type.Array(
      Type.Object({
        ...place,
        takenAt: time('when reading began'),
        complete: yes('whether every listing was proven to have been read to its end; nothing is deleted without'),
        incompleteReason: maybe(text('why it is not')),
        listsUntagged: yes('whether the registry lists manifests without a tag'),
        recordsPushed: yes('whether the registry records push times'),
        unreadableTags: maybe(texts('listed tags whose manifest could not be had')),
        contents,
      }),
    ),
  },
)
