import type { Verdict } from './plan_document.js'

/** One of two plans that are compared. */
export interface ComparedPlan {
  /** Of the plan. */
  hash: string
  /** The time it was made for (RFC 3339). */
  now: string
  /** Of its policy. */
  policyHash: string
  /** Of its job, resolved. */
  configurationHash: string
}

/** What a plan decided about a manifest. */
export interface Decided {
  /** What is to happen to it. */
  verdict: Verdict
  /** Why, as {@link PlannedImage.reason}. */
  reason: string
  /** The rule that decided, if one did. */
  rule: string | null
}

/** One manifest about which two plans differ. */
export interface Change {
  /** Its name. */
  digest: string
  /** The tags that show it in the newer plan, or did in the older one. */
  tags: string[]
  /** In the older plan; `null` where that does not have it. */
  before: Decided | null
  /** In the newer plan; `null` where that does not have it. */
  after: Decided | null
  /** Why it is as it is now, in words. */
  explanation: string
}

/** Each manifest is in one of the lists. */
export interface ChangedRepository {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  name: string
  /** Which of the plans has it. */
  in: 'both' | 'old' | 'new'
  /** Stays in the older plan, goes in the newer one. */
  newlyDeleted: Change[]
  /** Goes in the older plan, stays in the newer one. */
  noLongerDeleted: Change[]
  /** Another verdict, reason, rule or tag. */
  changed: Change[]
  /** Only the newer plan has it. */
  appeared: Change[]
  /** Only the older plan has it. */
  gone: Change[]
}

/** `portreeve.changes/1`: in what two plans differ. */
export interface Changes {
  /** What this document is. */
  format: 'portreeve.changes/1'
  /** The older plan. */
  old: ComparedPlan
  /** The newer plan. */
  new: ComparedPlan
  /** Those with a difference. */
  repositories: ChangedRepository[]
}
