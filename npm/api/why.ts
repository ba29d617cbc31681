import type { Verdict } from './plan_document.js'

/** Three-valued: a fact that nobody has leaves it open, and what is open never deletes. */
export type Outcome = 'yes' | 'no' | 'unknown'

/** One condition of a rule, and what was found. */
export interface WhyCondition {
  /** As the rule has it, in words. */
  condition: string
  /** Whether it holds. */
  outcome: Outcome
  /** The fact that is missing, where that is open. */
  fact: string | null
  /** What was looked at. */
  found: string | null
}

/** A rule, tried on one tag. */
export interface WhyRule {
  /** Its name. */
  rule: string
  /** Whether what it matches is kept; else it is deleted. */
  keeps: boolean
  /** The tag it was tried on; `null` for what has none. */
  tag: string | null
  /** Whether it matches: where all of its conditions hold. */
  outcome: Outcome
  /** The fact that is missing, where that is open. */
  fact: string | null
  /** One by one. */
  conditions: WhyCondition[]
}

/** Something that forbids a deletion, whatever the rules say. */
export interface WhyForbidden {
  /** Such as `too_young`. */
  reason: string
  /** The manifest that it comes from: itself, or a member of its group. */
  digest: string
  /** The same in words. */
  explanation: string
}

/** An entry of a report that says that something is in use. */
export interface WhyUse {
  /** The report. */
  report: string
  /** What it names. */
  names: string
  /** The manifest that this is; `null` where it may be anything in the repository. */
  digest: string | null
  /** Who uses it, at most ten. */
  sources: string[]
  /** How many more use it. */
  more: number
}

/** One manifest on the way to the one that was asked about. */
export interface WhyStep {
  /** Its name. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** What it is to the one before; `null` for the first. */
  by: 'child' | 'parent' | 'referrer' | 'subject' | null
  /** What is to happen to it. */
  verdict: Verdict
  /** Why, as {@link PlannedImage.reason}. */
  reason: string
  /** The same in words. */
  explanation: string
}

/** `portreeve.why/1`: the whole chain behind one verdict. */
export interface Why {
  /** What this document is. */
  format: 'portreeve.why/1'
  /** As references name it. */
  host: string
  /** The path on that host. */
  repository: string
  /** What was asked about: a tag or a digest. */
  target: string
  /** The manifest. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** What it is in its group. */
  role: 'root' | 'child' | 'referrer' | 'fallback'
  /** The root it belongs to. */
  group: string
  /** What is to happen to it. */
  verdict: Verdict
  /** Why, as {@link PlannedImage.reason}. */
  reason: string
  /** The same in words. */
  explanation: string
  /** The root that rules were asked about: itself, or what it stays or goes with; `null` where none was asked. */
  askedAbout: string | null
  /** Every rule with every tag of that root, keep rules first. */
  rules: WhyRule[]
  /** How many more tags that root has: of very many only the first are told. */
  tagsLeftOut: number
  /** What forbids its deletion, whatever the rules say. */
  forbidden: WhyForbidden[]
  /** Who uses it, or something that it leads to. */
  uses: WhyUse[]
  /** From what protects it, forbids its deletion or takes it along, to itself; empty where it is decided by itself. */
  path: WhyStep[]
}
