//! What hangs on an image: signatures, attestations and SBOMs, wherever their makers put them.
//!
//! Sources: distribution-spec 1.1 "Listing Referrers"; cosign's `SIGNATURE_SPEC.md` and
//! `ATTESTATION_SPEC.md`; `BuildKit` docs, "Image attestation storage".

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::describe::missing;
use crate::{
    client::{Client, Completeness, Source},
    error::Result,
    io::Io,
    oci::{Content, Descriptor, Digest, Kind, Manifest, Target, kind},
};

/// The annotation by which buildx says which image of the same index an attestation speaks of.
const SUBJECT: &str = "vnd.docker.reference.digest";

/// Where makers of attestations write what kind of statement they hold: `BuildKit` and cosign at a
/// layer, sigstore's bundle at the manifest.
const PREDICATES: [&str; 3] = [
    "in-toto.io/predicate-type",
    "predicateType",
    "dev.sigstore.bundle.predicateType",
];

/// Something that was attached to an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attached {
    /// What it is, and its digest.
    #[serde(flatten)]
    pub descriptor: Descriptor,
    /// What it is to a person.
    pub kind: Kind,
    /// Where it was found.
    pub source: Place,
    /// The image it speaks of: the one asked about, or one of its platforms.
    pub subject: Digest,
    /// What an attestation states, such as `https://slsa.dev/provenance/v0.2`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub predicate_types: Vec<String>,
}

/// Where something attached was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Place {
    /// In the registry's list of referrers.
    Api,
    /// In the index under the tag `sha256-<hex>`.
    FallbackTag,
    /// Under one of cosign's tags.
    CosignTag,
    /// In the image's own index, as buildx attests.
    Index,
}

/// Everything that was attached to an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Attachments {
    /// Its index's attestations first, then what refers to it.
    pub attached: Vec<Attached>,
    /// Whether these are all.
    #[serde(flatten)]
    pub completeness: Completeness,
}

/// Finds what was attached to a manifest: in its own index, among its referrers, under cosign's
/// tags. What does not say what it is gets read, one request each.
///
/// # Errors
///
/// `not_found` where the manifest is missing, and those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, image, io::Io, oci::{Digest, Kind}};
///
/// async fn is_signed<I: Io>(client: &Client<I>, digest: &Digest) -> Result<bool> {
///     let found = image::attached(client, "acme/web", digest).await?.attached;
///     Ok(found.iter().any(|each| each.kind == Kind::Signature))
/// }
/// ```
pub async fn attached<I: Io>(
    client: &Client<I>,
    repository: &str,
    digest: &Digest,
) -> Result<Attachments> {
    let target = Target::Digest(*digest);
    let manifest = client.manifest(repository, &target).await?;
    let manifest = manifest.ok_or_else(|| missing(client.host(), repository, &target))?;
    let mut found = of_index(&manifest, *digest);
    let referrers = client.referrers(repository, digest).cosign_tags();
    let referrers = referrers.all().await?;
    found.extend(referrers.found.into_iter().map(|referrer| {
        let source = match referrer.source {
            Source::Api => Place::Api,
            Source::FallbackTag => Place::FallbackTag,
            Source::CosignTag => Place::CosignTag,
        };
        Attached::new(referrer.descriptor, source, *digest)
    }));
    let attached = stream::iter(found)
        .map(|each| recognised(client, repository, each))
        .buffered(client.limits().concurrency)
        .try_collect()
        .await?;
    Ok(Attachments {
        attached,
        completeness: referrers.completeness,
    })
}

impl Attached {
    fn new(descriptor: Descriptor, source: Place, subject: Digest) -> Self {
        let artifact_type = descriptor.artifact_type.as_deref();
        Self {
            kind: artifact_type.and_then(kind::by_type).unwrap_or(Kind::Other),
            predicate_types: stated([&descriptor.annotations]),
            descriptor,
            source,
            subject,
        }
    }
}

fn of_index(manifest: &Manifest, digest: Digest) -> Vec<Attached> {
    let Content::Index(index) = manifest.content() else {
        return Vec::new();
    };
    let attestations = index
        .manifests
        .iter()
        .filter(|child| child.is_attestation());
    attestations
        .map(|child| {
            let named = child.annotations.get(SUBJECT);
            let subject = named.and_then(|subject| subject.parse().ok());
            let mut found = Attached::new(child.clone(), Place::Index, subject.unwrap_or(digest));
            found.kind = Kind::Attestation;
            found
        })
        .collect()
}

/// The same with what its manifest tells, where its descriptor tells too little.
async fn recognised<I: Io>(
    client: &Client<I>,
    repository: &str,
    mut each: Attached,
) -> Result<Attached> {
    let is_statement = each.kind == Kind::Attestation && each.predicate_types.is_empty();
    if each.kind != Kind::Other && !is_statement {
        return Ok(each);
    }
    let target = Target::Digest(each.descriptor.digest);
    let Some(manifest) = client.manifest(repository, &target).await? else {
        return Ok(each);
    };
    if each.kind == Kind::Other {
        each.kind = kind::of_manifest(&manifest);
    }
    if let Content::Image(image) = manifest.content() {
        let layers = image.layers.iter().map(|layer| &layer.annotations);
        each.predicate_types = stated(layers.chain([&image.annotations]));
    }
    Ok(each)
}

fn stated<'a>(annotations: impl IntoIterator<Item = &'a BTreeMap<String, String>>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for annotations in annotations {
        let types = PREDICATES.iter().filter_map(|key| annotations.get(*key));
        for predicate in types {
            if !found.contains(predicate) {
                found.push(predicate.clone());
            }
        }
    }
    found
}
