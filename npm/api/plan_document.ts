/** What is to happen to a manifest. `blocked`: selected, but something forbids it. `unknown`: a fact is missing. */
export type Verdict = 'keep' | 'delete' | 'blocked' | 'unknown'

/** How many root groups, and manifests in all. */
export interface Count {
  /** Roots with all that goes with them. */
  groups: number
  /** Manifests in all. */
  manifests: number
}

/** Bytes of layers, each layer once. A registry frees them when it collects, not when it deletes. */
export interface Freed {
  /** What nothing else has that was scanned. */
  least: number
  /** What nothing else in the same repository has. */
  most: number
}

/** What has one verdict for one reason, by one rule. */
export interface Cause extends Count {
  /** What happens to it. */
  verdict: Verdict
  /** Why, as {@link PlannedImage.reason}. */
  reason: string
  /** The rule that decided, if one did. */
  rule: string | null
  /** At most three tags, or digests where there is no tag. */
  examples: string[]
}

/** One of the deleted groups, and how old it is. */
export interface DatedGroup {
  /** `host/name`. */
  repository: string
  /** Its root. */
  digest: string
  /** One of its tags. */
  tag: string | null
  /** How old it is taken to be (RFC 3339). */
  time: string
  /** By which fact. */
  by: 'pushed' | 'created' | 'firstSeen'
}

/** What a reviewer should read first. */
export interface Summary extends Record<Verdict, Count> {
  /** Such as an incomplete listing, a rule that can never match, a report that is missing. */
  warnings?: string[]
  /** Why things go and stay, most groups first. */
  causes: Cause[]
  /** What deleting frees; `null` where layers of something deleted were not read. */
  freed: Freed | null
  /** The oldest that goes. */
  oldest: DatedGroup | null
  /** The newest that goes. */
  newest: DatedGroup | null
}

/** One manifest and its verdict. */
export interface PlannedImage {
  /** Its name. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** The root it belongs to: itself, or one that leads to it. */
  group: string
  /** What it is in its group; `fallback`: the index that lists referrers under a tag. */
  role: 'root' | 'child' | 'referrer' | 'fallback'
  /** What is to happen to it. */
  verdict: Verdict
  /** From a closed list, such as `delete_rule`, `reachable`, `too_young`, `cap`. */
  reason: string
  /** The rule that decided, if one did. */
  rule: string | null
  /** What the verdict rests on. */
  facts: Record<string, unknown>
  /** The same in words. */
  explanation: string
  /** Until when a deletion can be undone. */
  undo: string | null
}

/** One request of a run, in the order in which it sends them. */
export type Step =
  | {
      /** The digest that goes. */
      delete: string
      /** The tags that go with it. */
      tags: string[]
    }
  | {
      /** The tag that is taken away. */
      untag: string
      /** The digest that it shows. */
      shows: string
    }

/** The part of a plan about one repository. */
export interface PlannedRepository {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  name: string
  /** Covers the verdicts, the policy and the time, and nothing of how the repository was read. */
  hash: string
  /** Of the inventory it was decided from. */
  inventoryHash: string
  /** Counts for each verdict, and why. */
  summary: Summary
  /** What a run would do, in order; empty where the registry's way of deletion is not known. */
  steps: Step[]
  /** Every manifest, sorted by digest. */
  images: PlannedImage[]
}

/** A repository that a plan deletes much from. */
export interface LargestRepository extends Count {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  name: string
  /** What deleting there frees. */
  freed: Freed | null
}

/** A report that a plan was given, or should have been given. */
export interface PlannedReport {
  /** Its name in the configuration. */
  name: string
  /** What it lists. */
  kind: 'images' | 'strings'
  /** Whether nothing is deleted without it. */
  required: boolean
  /** When it was taken (RFC 3339); `null` where there is none. */
  takenAt: string | null
  /** How much it lists. */
  size: number | null
  /** Why it is not relied on, such as `missing`, `stale`, `too_few`, `shrunk`. */
  breach: string | null
  /** The same in words. */
  explanation: string | null
}

/** `portreeve.plan/1`: what would be deleted, and why the rest would not, as data. */
export interface PlanDocument {
  /** What this document is. */
  format: 'portreeve.plan/1'
  /** The job it was made for; `ad-hoc` for a policy by itself. */
  job: string
  /** The time it was made for (RFC 3339). */
  now: string
  /** When it can no longer be applied (RFC 3339). */
  expiresAt: string
  /** Made for another time than the clock's, or from a given inventory: it cannot be applied. */
  simulated: boolean
  /** Of the policy. */
  policyHash: string
  /** Of the job, resolved. */
  configurationHash: string
  /** Of the whole; it names the run. */
  hash: string
  /** Counts for each verdict over all repositories. */
  summary: Summary
  /** Those from which most goes, at most ten. */
  largest: LargestRepository[]
  /** Repositories of the registries that no job cleans, where the job's patterns made somebody look. */
  unmanaged: { host: string; name: string }[]
  /** What the job was told from outside. */
  reports: PlannedReport[]
  /** One for each inventory. */
  repositories: PlannedRepository[]
}
