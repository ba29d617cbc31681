/**
 * A typed client for container registries, and the cleanup engine: one Rust core in WebAssembly
 * that runs in Node, browsers and Workers. Start at {@link connect}.
 *
 * @packageDocumentation
 */

export type { BlobHead, BlobOptions, BlobStream, ByteRange } from './blob.js'
export type { Capabilities, Finding, Known, Support } from './capabilities.js'
export type { Change, ChangedRepository, Changes, ComparedPlan, Decided } from './changes.js'
export { apply, restore, runOf } from './cleanup.js'
export type {
  ApplyOptions,
  CleanupEvent,
  CleanupOptions,
  CleanupRegistry,
  Restored,
  RestoredGroup,
  RestoreOptions,
  Run,
  RunGroup,
  RunProblem,
  RunRepository,
  RunState,
} from './cleanup.js'
export { readConfiguration } from './configuration.js'
export type {
  Configuration,
  ClientAccess,
  ConfigurationDescription,
  CredentialNames,
  Job,
  JobRepository,
  Problem,
  ReportRule,
  Upstream,
} from './configuration.js'
export type { Descriptor, Head, Platform, Referrer, ReferrersOptions } from './descriptor.js'
export { dockerCredential } from './docker.js'
export type { DockerCredential } from './docker.js'
export { RegistryError } from './error.js'
export type { Code, FailedRequest, RegistryErrorParts } from './error.js'
export { expandJob } from './expand.js'
export type { ExpandedJob } from './expand.js'
export type { Listeners, PauseEvent, RateLimit, RequestEvent, ResponseEvent } from './events.js'
export type { Attached, Attachments, Image, ImageConfig, ImageOptions, Layer, PlatformImage } from './image.js'
export { loadInventory, readInventory, saveInventory } from './inventory.js'
export type { Inventory, InventoryContents, InventoryHead, InventoryImage, InventoryOptions, ReadingProgress } from './inventory.js'
export type { Completion, Listing } from './listing.js'
export type { Manifest, ManifestDocument } from './manifest.js'
export type { CallOptions, ConnectOptions, Credential, CredentialCallback, Credentials, Fetch } from './options.js'
export { plan, readPlan } from './plan.js'
export type { Plan, PlanInput, Rules } from './plan.js'
export type {
  Cause,
  Count,
  DatedGroup,
  Freed,
  LargestRepository,
  PlanDocument,
  PlannedImage,
  PlannedReport,
  PlannedRepository,
  Step,
  Summary,
  Verdict,
} from './plan_document.js'
export { policy } from './policy.js'
export type { ReadPolicy } from './policy.js'
export { matchPlatform, parseReference } from './reference.js'
export type { Reference } from './reference.js'
export { connect } from './registry.js'
export type { ListedRepository, Ping, Registry, RegistryToken, TokenOptions } from './registry.js'
export { report } from './report.js'
export type { ReduceOptions, Report, Use } from './report.js'
export type { Repository } from './repository.js'
export type { TextSource } from './source.js'
export type { Uploaded, UploadOptions, UploadSource } from './upload.js'
export type { Outcome, Why, WhyCondition, WhyForbidden, WhyRule, WhyStep, WhyUse } from './why.js'
export type { Deleted, Pushed, Siblings, Tagging, Untagged } from './write.js'
export { memoryStore } from './store.js'
export type { Store } from './store.js'
export type { ContentCache, Tag, TagFact, TagsOptions } from './tag.js'
