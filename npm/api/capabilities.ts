/** Whether a registry can do something: `depends` on its settings or on who asks. */
export type Support = 'yes' | 'no' | 'depends' | 'unknown'

/** How a {@link Finding} is known: tried just now, seen by us, or read in the vendor's pages. */
export type Known = 'probed' | 'confirmed' | 'documented' | 'unknown'

/** An answer about a registry, and how it is known. */
export interface Finding<Answer = Support> {
  /** The answer. */
  is: Answer
  /** What it rests on. */
  known: Known
}

/** What a registry can do. Made by {@link Registry.capabilities}. */
export interface Capabilities {
  /** The host that was asked about. */
  host: string
  /** Which registry it is, as far as is known. */
  registry: {
    /** Such as `hub`; `plain` for one that is not known. */
    id: string
    /** Such as `Docker Hub`. */
    name: string
    /** The page that the answers were read in. */
    source: string
  }
  /** What that rests on: its host, what it answers to `GET /v2/`, or nothing. */
  recognisedBy: 'host' | 'answer' | 'nothing'
  /** How it lets people in. */
  authentication: Finding<'none' | 'basic' | 'bearer' | 'either' | 'unknown'>
  /** The page size that listings ask for first. */
  pageSize: number
  /** What it limits, in words; empty where nothing is known. */
  limits: string
  /** Whether a repository that is not there is told apart from one that is not yours. */
  tellsMissing: Finding
  /** Whether answers name the digest of what they bring; where not, a HEAD costs a GET more. */
  namesDigests: Finding
  /** Whether it gives a list of tags in pages of the size asked for. */
  pagedList: Finding
  /** Whether a list of tags that was read to its end is all there is. */
  wholeList: Finding
  /** Whether its list of tags brings the time of each push along. */
  datesInList: Finding
  /** Whether its list of tags tells of manifests without a tag. */
  listsUntagged: Finding
  /** Whether it lists its repositories. */
  catalog: Finding
  /** Whether it answers the referrers API. */
  referrers: Finding
  /** Whether it takes content named by sha512. */
  sha512: Finding
  /** Whether DELETE of a digest deletes the manifest; nobody tries that to find out. */
  deleteByDigest: Finding
  /** Whether DELETE of a tag takes that tag and nothing else; nobody tries that either. */
  untag: Finding
  /** Whether tags can be locked. */
  immutableTags: Finding
  /** How many requests it took to find out. */
  requestsUsed: number
}
