import { Type } from 'typebox'
import { count, digest, digests, document, maybe, oneOf, problem, text, texts, time, yes } from './parts.js'
import { counts } from './plan.js'

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
