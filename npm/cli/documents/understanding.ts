import { Type } from 'typebox'
import { count, digest, document, nothing, oneOf, place, text, texts, time, yes } from './parts.js'
import { reason, role, rule, verdict } from './plan.js'

const outcome = oneOf(['yes', 'no', 'unknown'], 'whether it holds; what is unknown never deletes')
const fact = nothing(Type.String(), 'the fact that is missing, where that is unknown')

export const whyDocument = document('portreeve.why/1', 'The whole chain behind one verdict (with `--why`).', {
  ...place,
  target: text('the tag or digest that was asked about'),
  digest,
  tags: texts('every tag that shows it'),
  role,
  group: digest,
  verdict,
  reason,
  explanation: text('the same in words'),
  askedAbout: nothing(digest, 'the root that rules were asked about: itself, or what it stays or goes with'),
  rules: Type.Array(
    Type.Object({
      rule: text('its name'),
      keeps: yes('whether what it matches is kept; else it is deleted'),
      tag: nothing(Type.String(), 'the tag it was tried on; null for what has none'),
      outcome,
      fact,
      conditions: Type.Array(
        Type.Object({
          condition: text('in words'),
          outcome,
          fact,
          found: nothing(Type.String(), 'what was looked at'),
        }),
        { description: 'one by one; it matches where all of them hold' },
      ),
    }),
    { description: 'every rule with every tag of that root, keep rules first' },
  ),
  tagsLeftOut: count('further tags of that root: of very many only the first are told'),
  forbidden: Type.Array(Type.Object({ reason, digest, explanation: text('the same in words') }), {
    description: 'what forbids its deletion, whatever the rules say',
  }),
  uses: Type.Array(
    Type.Object({
      report: text('its name'),
      names: text('what it names'),
      digest: nothing(digest, 'the manifest that this is; null where it may be anything in the repository'),
      sources: texts('who uses it, at most ten'),
      more: count('how many more use it'),
    }),
    { description: 'who uses it, or something that it leads to' },
  ),
  path: Type.Array(
    Type.Object({
      digest,
      tags: texts('every tag that shows it'),
      by: nothing(
        oneOf(['child', 'parent', 'referrer', 'subject'], 'what it is to the one before'),
        'what it is to the one before; null for the first',
      ),
      verdict,
      reason,
      explanation: text('the same in words'),
    }),
    { description: 'from what decides to itself; empty where it is decided by itself' },
  ),
})

const compared = Type.Object({
  hash: text('of the plan'),
  now: time('when it was planned for'),
  policyHash: text('of the policy'),
  configurationHash: text('of the resolved job'),
})

const decided = (description: string) => nothing(Type.Object({ verdict, reason, rule }), description)

const changes = (description: string) =>
  Type.Array(
    Type.Object({
      digest,
      tags: texts('every tag that shows it'),
      before: decided('in the older plan'),
      after: decided('in the newer plan'),
      explanation: text('why, in words'),
    }),
    { description },
  )

export const changesDocument = document('portreeve.changes/1', 'In what two plans differ (with `--against`).', {
  old: compared,
  new: compared,
  repositories: Type.Array(
    Type.Object({
      host: text("the registry's host"),
      name: text('the path on that host'),
      in: oneOf(['both', 'old', 'new'], 'which of the plans has it'),
      newlyDeleted: changes('goes now, and did not before'),
      noLongerDeleted: changes('went before, and stays now'),
      changed: changes('another verdict, reason, rule or tag'),
      appeared: changes('was not there before'),
      gone: changes('is not there now'),
    }),
    { description: 'those that differ' },
  ),
})
