//! Pushing a manifest, and having it found by its subject.
//!
//! A registry with the referrers API says `OCI-Subject` and lists the manifest itself. For one
//! without, distribution-spec 1.1 ("Pushing Manifests with Subject") has the client keep an index
//! under the tag `sha256-<hex>` of the subject. Two clients that do that at once can lose each
//! other's entry: so the tag is read, looked at again right before it is written, written on
//! condition where the registry bears that, and read again afterwards.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{Writer, reads::named, writer::Outcome};
use crate::{
    api::{manifest as api, referrers},
    auth::Scope,
    error::{Code, Error, Result},
    io::{Io, Redirects},
    oci::{Content, Descriptor, Digest, Manifest, Target, media_type},
};

/// How often the index is written anew because somebody else changed it.
const ATTEMPTS: usize = 5;

/// A manifest that was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// What the registry has now.
    pub descriptor: Descriptor,
    /// What it speaks of, where it is a referrer.
    pub subject: Option<Digest>,
    /// Who lists it among the subject's referrers.
    pub listed: Option<ListedBy>,
}

/// Who lists a referrer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListedBy {
    /// The registry itself.
    Registry,
    /// The index under this tag, which was written for that.
    Tag(String),
}

impl<I: Io> Writer<I> {
    /// Pushes a manifest's bytes just as they are, under a tag or their digest, and sees to it that
    /// it is found among the referrers of its subject, where it has one.
    ///
    /// # Errors
    ///
    /// Those of [`Writer::put_manifest`]; `upstream_error` for what is no manifest; `conflict`
    /// where it was stored, and others changed the list of referrers each time it was to be added:
    /// pushing it again is safe. `refused` where the tag of that list holds something else.
    pub async fn push(
        &self,
        repository: &str,
        target: &Target,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Pushed> {
        let doing = || format!("pushing {}", named(repository, target));
        let manifest = Manifest::parse(media_type, bytes.clone())
            .map_err(|error| self.client.placed(error, doing))?;
        let kind = manifest.media_type();
        let put = self.put(repository, target, kind, bytes).await?;
        let descriptor = described(&manifest, put.digest);
        let subject = manifest.subject().map(|subject| subject.digest);
        let listed = match subject {
            None => None,
            Some(_) if put.lists_subject => Some(ListedBy::Registry),
            Some(subject) => {
                let listed = self.list(repository, &subject, &descriptor).await;
                Some(listed.map_err(|error| self.client.placed(error, doing))?)
            }
        };
        Ok(Pushed {
            descriptor: Descriptor::new(kind, put.digest, descriptor.size),
            subject,
            listed,
        })
    }

    /// Sees to it that a manifest whose registry said nothing of its subject is listed.
    async fn list(
        &self,
        repository: &str,
        subject: &Digest,
        descriptor: &Descriptor,
    ) -> Result<ListedBy> {
        // a browser may hide the header that would have said so
        if self
            .is_listed(repository, subject, &descriptor.digest)
            .await?
        {
            return Ok(ListedBy::Registry);
        }
        let target = referrers::fallback_tag(subject);
        let mut expected: Vec<Digest> = Vec::new();
        for _ in 0..ATTEMPTS {
            let shown = self.client.manifest(repository, &target).await?;
            let known = listed_in(shown.as_ref())?;
            let is_whole = expected.iter().all(|digest| known.contains(digest));
            if is_whole && known.contains(&descriptor.digest) {
                return Ok(ListedBy::Tag(subject.fallback_tag()));
            }
            let index = with(shown.as_ref(), descriptor)?;
            let shown = shown.as_ref().map(Manifest::digest);
            if self.replace(repository, &target, shown, index).await? {
                // what was there must be there afterwards
                expected = known;
            }
        }
        let tag = subject.fallback_tag();
        let stored = descriptor.digest;
        Err(Error::new(
            Code::Conflict,
            format!("{stored} is stored, and others changed its subject's list under {tag} each time it was to be added"),
        )
        .next("push it again in a moment"))
    }

    async fn is_listed(&self, repository: &str, subject: &Digest, digest: &Digest) -> Result<bool> {
        let client = &self.client;
        let at = referrers::first(client.session.root(), repository, subject, None)?;
        let request = referrers::request(&at)?;
        let scope = Scope::push(repository);
        let response = client
            .session
            .send_whole(request, &scope, client.limits().page)
            .await?;
        match referrers::read(&at, response.status(), response.headers(), response.body()) {
            Ok(referrers::Answer::Page(page)) => Ok(page
                .descriptors
                .iter()
                .any(|listed| listed.digest == *digest)),
            _ => Ok(false),
        }
    }

    /// Writes the index, unless the tag shows another than `shown` by now; `false` then.
    async fn replace(
        &self,
        repository: &str,
        target: &Target,
        shown: Option<Digest>,
        index: Bytes,
    ) -> Result<bool> {
        let client = &self.client;
        let (root, scope) = (client.session.root(), Scope::push(repository));
        let doing = || format!("listing a referrer under {}", named(repository, target));
        let look = api::head(root, repository, target)?;
        let now = client.ask(look, &scope, 0, doing).await?;
        let showing = match now.status() {
            StatusCode::NOT_FOUND => None,
            // a HEAD that leaves the digest out does not say that nothing changed
            StatusCode::OK => Some(api::digest(now.headers())),
            _ => return Err(client.refused(&now, doing)),
        };
        if showing.is_some() != shown.is_some() {
            return Ok(false);
        }
        if let Some(Some(showing)) = showing
            && Some(showing) != shown
        {
            return Ok(false);
        }
        let digest = Digest::of(&index);
        let mut request = api::put(root, repository, target, media_type::OCI_INDEX, index)?;
        // a page would have to ask first whether it may send these
        if client.io().redirects() == Redirects::ByHand {
            let condition = match (shown, now.headers().get(header::ETAG)) {
                (None, _) => Some((header::IF_NONE_MATCH, HeaderValue::from_static("*"))),
                (Some(shown), Some(tag)) if tag.as_bytes() == format!("\"{shown}\"").as_bytes() => {
                    Some((header::IF_MATCH, tag.clone()))
                }
                _ => None,
            };
            if let Some((name, value)) = condition {
                request.headers_mut().insert(name, value);
            }
        }
        let arrived = async || {
            let head = client.head(repository, target).await?;
            Ok(head.is_some_and(|head| head.digest == digest))
        };
        match self.write(&request, &scope, doing, arrived).await? {
            Outcome::HadItsEffect => Ok(true),
            Outcome::Answered(response) => match response.status() {
                StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => Ok(false),
                status if status.is_success() => Ok(true),
                _ => Err(self.refused(&response, doing)),
            },
        }
    }
}

/// What an index lists a manifest as.
fn described(manifest: &Manifest, digest: Digest) -> Descriptor {
    let size = manifest.bytes().len() as u64;
    let mut descriptor = Descriptor::new(manifest.media_type(), digest, size);
    descriptor.artifact_type = manifest.artifact_type().map(str::to_owned).or_else(|| {
        let Content::Image(image) = manifest.content() else {
            return None;
        };
        Some(image.config.as_ref()?.media_type.clone())
    });
    descriptor.annotations = manifest.annotations().cloned().unwrap_or_default();
    descriptor
}

/// The digests that the index under a fallback tag lists.
fn listed_in(shown: Option<&Manifest>) -> Result<Vec<Digest>> {
    match shown.map(Manifest::content) {
        None => Ok(Vec::new()),
        Some(Content::Index(index)) => {
            Ok(index.manifests.iter().map(|listed| listed.digest).collect())
        }
        Some(_) => Err(Error::new(
            Code::Refused,
            "the manifest is stored, and the tag of its subject's referrers holds something else than an index",
        )
        .next("look at that tag, and take it away if nobody needs it")),
    }
}

/// The index with one more, and everything else in it as it was.
fn with(shown: Option<&Manifest>, descriptor: &Descriptor) -> Result<Bytes> {
    let wrong = |error: serde_json::Error| Error::new(Code::UpstreamError, error.to_string());
    let mut index: Value = match shown {
        Some(shown) => serde_json::from_slice(shown.bytes()).map_err(wrong)?,
        None => json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_INDEX,
            "manifests": [],
        }),
    };
    if let Some(listed) = index.get_mut("manifests").and_then(Value::as_array_mut) {
        listed.retain(|listed| {
            listed.get("digest").and_then(Value::as_str) != Some(&descriptor.digest.to_string())
        });
        listed.push(serde_json::to_value(descriptor).map_err(wrong)?);
    }
    serde_json::to_vec(&index).map(Bytes::from).map_err(wrong)
}
