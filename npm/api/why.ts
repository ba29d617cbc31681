import type { Verdict } from './plan_document.js'

/** Three-valued: a fact that nobody has leaves it open, and what is open never deletes. */
export type Answer = 'yes' | 'no' | 'unknown'

/** One condition of a rule, and what was found. */
export interface WhyCondition {
  /** As the rule has it, in words. */
  condition: string
  /** Whether it holds. */
  answer: Answer
  /** What was looked at. */
  found: string
}

/** A rule, tried on one tag. */
export interface WhyRule {
  /** Its name. */
  name: string
  /** Whether it keeps; else it deletes. */
  keeps: boolean
  /** The tag it was tried on, if it was tried on one. */
  tag: string | null
  /** Whether it matches. */
  answer: Answer
  /** One by one, as far as they were tried. */
  conditions: WhyCondition[]
}

/** Something that forbids a deletion, or would. */
export interface WhyRestraint {
  /** Such as `too_young`. */
  reason: string
  /** Whether it does. */
  answer: Answer
  /** What was looked at. */
  found: string
}

/** Somebody who uses it. */
export interface WhyUse {
  /** What the report names. */
  use: string
  /** Who uses it. */
  sources: string[]
  /** How many further ones are left out. */
  more: number
}

/** One manifest on the way from what protects to the target. */
export interface WhyStep {
  /** Its name. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** How the one before leads to it. */
  by: 'child' | 'referrer' | 'subject' | 'index' | null
}

/** `portreeve.why/1`: the whole chain behind one verdict. */
export interface Why {
  /** What this document is. */
  format: 'portreeve.why/1'
  /** As references name it. */
  host: string
  /** The path on that host. */
  repository: string
  /** What was asked for: a tag or a digest. */
  target: string
  /** The manifest. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** What it is to a person. */
  kind: string
  /** What it is in its group. */
  role: 'root' | 'child' | 'referrer' | 'fallback'
  /** The root it belongs to. */
  group: string
  /** What is to happen to it. */
  verdict: Verdict
  /** Why, as {@link PlannedImage.reason}. */
  reason: string
  /** The rule that decided, if one did. */
  rule: string | null
  /** The same in words. */
  explanation: string
  /** Every rule that was tried on its group's root. */
  rules: WhyRule[]
  /** What could forbid its deletion. */
  restraints: WhyRestraint[]
  /** Who uses it. */
  inUse: WhyUse[]
  /** From what protects it to itself; empty where nothing but its own verdict counts. */
  path: WhyStep[]
}
