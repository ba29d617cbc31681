/**
 * that runs in Node, browsers and Workers. Start at {@link connect}.
 *
 * @packageDocumentation
 */

export type { Descriptor, Platform } from "./descriptor.js";
export { dockerCredential } from "./docker.js";
export type { DockerCredential } from "./docker.js";
export { RegistryError } from "./error.js";
export type { Code, RegistryErrorParts } from "./error.js";
export type { Image, ImageConfig, PlatformImage } from "./image.js";
export { Listing } from "./listing.js";
export type { Completion } from "./listing.js";
export type { Manifest, ManifestDocument } from "./manifest.js";
export type { CallOptions, ConnectOptions, Credential, Fetch } from "./options.js";
export { parseReference } from "./reference.js";
export type { Reference } from "./reference.js";
export { connect } from "./registry.js";
export type { Registry } from "./registry.js";
export type { Repository, Tag } from "./repository.js";
export { memoryStore } from "./store.js";
export type { Lease, Store } from "./store.js";
