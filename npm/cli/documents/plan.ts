import { Type } from 'typebox'
import { anything, count, digest, document, maybe, nothing, oneOf, text, texts, time, yes } from './parts.js'

export const counts = Type.Object({
  groups: count('images with what belongs to them'),
  manifests: count('manifests in all'),
})

export const verdict = oneOf(['keep', 'delete', 'blocked', 'unknown'], 'what is to happen to it')
export const reason = text('why, from a closed list such as `delete_rule`, `reachable`, `too_young`')
export const rule = nothing(Type.String(), 'the rule that decided, if one did')
export const role = oneOf(['root', 'child', 'referrer', 'fallback'], 'its part in its group')

const freed = nothing(
  Type.Object({
    least: count('of layers that nothing else has that was scanned'),
    most: count('of layers that nothing else in the repository has'),
  }),
  'what the registry can free when it collects; null where layers were not read (`--layers`)',
)

const dated = (description: string) =>
  nothing(
    Type.Object({
      repository: text('host and path'),
      digest,
      tag: nothing(Type.String(), 'one of its tags'),
      time: time('how old it is taken to be'),
      by: oneOf(['pushed', 'created', 'firstSeen'], 'by which fact'),
    }),
    description,
  )

const summary = Type.Object(
  {
    keep: counts,
    delete: counts,
    blocked: counts,
    unknown: counts,
    warnings: maybe(texts('what a reviewer should read first')),
    causes: Type.Array(
      Type.Object({
        verdict,
        reason,
        rule,
        groups: count('how many groups'),
        manifests: count('how many manifests'),
        examples: texts('at most three of them: tags, or digests where there is no tag'),
      }),
      { description: 'why things go and stay, most groups first' },
    ),
    freed,
    oldest: dated('the oldest that goes'),
    newest: dated('the newest that goes'),
  },
  { description: 'how many have each verdict, and why' },
)

const plannedImage = Type.Object(
  {
    digest,
    tags: texts('every tag that shows it'),
    group: digest,
    role,
    verdict,
    reason,
    rule,
    facts: anything('what the verdict rests on'),
    explanation: text('the same in words'),
    undo: nothing(Type.String(), 'until when a deletion can be undone'),
  },
  { description: 'one manifest' },
)

const step = Type.Union(
  [
    Type.Object({ delete: digest, tags: texts('the tags that go with it') }),
    Type.Object({ untag: text('a tag that is taken away'), shows: digest }),
  ],
  { description: 'one request of a run' },
)

export const planDocument = document('portreeve.plan/1', 'What would be deleted, and why the rest would not.', {
  job: text('the job that was planned'),
  now: time('when it was planned for'),
  expiresAt: time('when it can no longer be applied'),
  simulated: yes('made for another time than the clock’s, or from a given inventory: it cannot be applied'),
  policyHash: text('of the policy'),
  configurationHash: text('of the resolved job'),
  hash: text('of the whole plan'),
  summary,
  largest: Type.Array(
    Type.Object({
      host: text("the registry's host"),
      name: text('the path on that host'),
      groups: count('how many groups go'),
      manifests: count('how many manifests go'),
      freed,
    }),
    { description: 'the repositories from which most goes, at most ten' },
  ),
  unmanaged: Type.Array(Type.Object({ host: text("the registry's host"), name: text('the path on that host') }), {
    description: 'repositories that the registries list and no job cleans',
  }),
  reports: Type.Array(
    Type.Object({
      name: text('as the configuration has it'),
      kind: oneOf(['images', 'strings'], 'what it lists'),
      required: yes('whether nothing is deleted without it'),
      takenAt: nothing(Type.String(), 'when it was taken; RFC 3339, UTC'),
      size: nothing(Type.Integer(), 'how much it lists'),
      breach: nothing(Type.String(), 'why it is not relied on, such as `missing`, `stale`, `too_few`, `shrunk`'),
      explanation: nothing(Type.String(), 'the same in words'),
    }),
    { description: 'what the job was told from outside' },
  ),
  repositories: Type.Array(
    Type.Object({
      host: text("the registry's host"),
      name: text('the path on that host'),
      hash: text('of verdicts, policy and time'),
      inventoryHash: text('of what was read'),
      summary,
      steps: Type.Array(step, { description: 'what a run does, in order; empty where the way of deletion is not known' }),
      images: Type.Array(plannedImage, { description: 'sorted by digest' }),
    }),
  ),
})
