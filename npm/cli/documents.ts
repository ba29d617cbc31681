import type { Static } from 'typebox'
import { restoredDocument, runDocument } from './documents/cleanup.js'
import { inventoriesDocument } from './documents/inventories.js'
import { planDocument } from './documents/plan.js'
import { explanationDocument, policyDocument } from './documents/policy.js'
import {
  blobDocument,
  capabilitiesDocument,
  deleteDocument,
  digestDocument,
  inspectDocument,
  manifestDocument,
  referrersDocument,
  registryTokenDocument,
  repositoriesDocument,
  tagDocument,
  tagsDocument,
  untagDocument,
} from './documents/registry.js'
import { reportDocument } from './documents/report.js'
import { changesDocument, whyDocument } from './documents/understanding.js'
import { clientTokenDocument, completionDocument, configDocument, errorDocument } from './documents/set_up.js'

/** What each command prints with `--json`; docs/json.md and docs/json.schema.json are made from it. */
export const documents = {
  tags: tagsDocument,
  repos: repositoriesDocument,
  digest: digestDocument,
  manifest: manifestDocument,
  inspect: inspectDocument,
  blob: blobDocument,
  referrers: referrersDocument,
  tag: tagDocument,
  untag: untagDocument,
  delete: deleteDocument,
  inventory: inventoriesDocument,
  plan: planDocument,
  'plan --why': whyDocument,
  'plan --against': changesDocument,
  apply: runDocument,
  restore: restoredDocument,
  'report reduce': reportDocument,
  'config check': configDocument,
  'policy explain': explanationDocument,
  'policy check': policyDocument,
  capabilities: capabilitiesDocument,
  'token get': registryTokenDocument,
  'token create': clientTokenDocument,
  completion: completionDocument,
} as const

export { errorDocument }

/** JSON leaves a field out that is undefined. */
type Printed<Value> = Value extends readonly (infer Item)[]
  ? readonly Printed<Item>[]
  : Value extends object
    ? { [Field in keyof Value]: Record<never, never> extends Pick<Value, Field> ? Printed<Value[Field]> | undefined : Printed<Value[Field]> }
    : Value

type Documents = (typeof documents)[keyof typeof documents] | typeof errorDocument

/** Any of them. */
export type Document = Documents extends infer Each ? (Each extends Documents ? Printed<Static<Each>> : never) : never
