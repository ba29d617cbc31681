import { Type } from 'typebox'
import { anything, count, digest, digests, document, maybe, oneOf, problem, text, texts, time, yes } from './parts.js'

const counts = Type.Object({
  groups: count('images with what belongs to them'),
  manifests: count('manifests in all'),
})

const summary = Type.Object(
  {
    keep: counts,
    delete: counts,
    blocked: counts,
    unknown: counts,
    warnings: maybe(texts('what a reviewer should read first')),
  },
  { description: 'how many have each verdict' },
)

const plannedImage = Type.Object(
  {
    digest,
    tags: texts('every tag that shows it'),
    group: digest,
    role: oneOf(['root', 'child', 'referrer', 'fallback'], 'its part in its group'),
    verdict: oneOf(['keep', 'delete', 'blocked', 'unknown'], 'what is to happen to it'),
    reason: text('why, from a closed list such as `delete_rule`, `reachable`, `too_young`'),
    rule: Type.Union([Type.String(), Type.Null()], { description: 'the rule that decided, if one did' }),
    facts: anything('what the verdict rests on'),
    explanation: text('the same in words'),
    undo: Type.Union([Type.String(), Type.Null()], { description: 'until when a deletion can be undone' }),
  },
  { description: 'one manifest' },
)

export const planDocument = document('portreeve.plan/1', 'What would be deleted, and why the rest would not.', {
  job: text('the job that was planned'),
  now: time('when it was planned for'),
  expiresAt: time('when it can no longer be applied'),
  simulated: yes('made for another time than the clock’s: it cannot be applied'),
  policyHash: text('of the policy'),
  configurationHash: text('of the resolved job'),
  hash: text('of the whole plan'),
  summary,
  repositories: Type.Array(
    Type.Object({
      host: text("the registry's host"),
      name: text('the path on that host'),
      hash: text('of verdicts, policy and time'),
      inventoryHash: text('of what was read'),
      summary,
      images: Type.Array(plannedImage, { description: 'sorted by digest' }),
    }),
  ),
})

const state = oneOf(['done', 'paused', 'partial', 'stopped'], 'how it ended')

const runGroup = Type.Object({
  digest,
  tags: texts('the tags it had'),
  ending: oneOf(['deleted', 'skipped', 'failed', 'put_back'], 'what became of it'),
  reason: maybe(text('why it was left alone, such as `tag_moved`')),
  explanation: maybe(text('the same in words')),
  problem: maybe(problem),
  undone: maybe(yes('whether what had gone before a failure is back')),
  manifests: maybe(count('how many of its manifests went')),
})

export const runDocument = document('portreeve.run/1', 'What a run did, and what it left.', {
  run: text('its name, by which it is resumed and restored'),
  plan: text("the plan's hash"),
  job: text('the job that was applied'),
  startedAt: time('when it began'),
  finishedAt: time('when it ended'),
  state,
  repositories: Type.Array(
    Type.Object({
      host: text("the registry's host"),
      name: text('the path on that host'),
      state,
      problem: maybe(problem),
      deleted: counts,
      groups: Type.Array(runGroup),
      putBack: digests('manifests that came back because something needs them'),
    }),
  ),
})

export const restoredDocument = document('portreeve.restored/1', 'What came back of a run.', {
  run: text('its name'),
  whole: yes('whether every group is back, tags included'),
  groups: Type.Array(
    Type.Object({
      host: text("the registry's host"),
      repository: text('the path on that host'),
      digest,
      put: digests('manifests that were put; those that were there are left out'),
      tags: texts('tags that were set'),
      moved: Type.Array(Type.Object({ tag: text('the tag'), shows: digest }), {
        description: 'tags that somebody set anew since; they stay',
      }),
      problem: maybe(problem),
    }),
  ),
})
