import { Type } from 'typebox'
import { count, digest, document, maybe, oneOf, text, texts, time } from './parts.js'

const use = Type.Object(
  {
    digest: maybe(digest),
    repository: maybe(text('where the digest was pulled from')),
    reference: maybe(text('a name with its tag')),
    running: maybe(Type.Literal(true, { description: 'the name is of something that runs' })),
    config: maybe(digest),
    unresolved: maybe(text('what could not be understood')),
    sources: texts('what uses it, at most ten'),
    more: maybe(count('how many more use it')),
  },
  { description: 'one of `digest`, `reference`, `config` (an image id) and `unresolved` says what is in use' },
)

export const reportDocument = document('portreeve.report/1', 'What is in use elsewhere, or open.', {
  kind: oneOf(['images', 'strings'], 'what it lists'),
  takenAt: time('as of when it is true'),
  uses: maybe(Type.Array(use, { description: 'of `images`: sorted, each once' })),
  strings: maybe(texts('of `strings`: sorted, each once')),
})
