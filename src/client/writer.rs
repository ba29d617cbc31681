//! What changes a registry, and how its answers are to be read.
//!
//! A write whose answer got lost may have had its effect. It is never sent again blindly: a HEAD
//! shows first what is there.

use bytes::Bytes;
use http::{Request, Response};

use super::{Client, reads::named};
use crate::{
    api::{error_body, manifest as api},
    auth::Scope,
    error::{Code, Error, Result},
    io::Io,
    oci::{Digest, Target},
    retry,
};

/// Changes one registry: the credential of the [`Client`] it is made from must be one for that.
pub struct Writer<I: Io> {
    pub(super) client: Client<I>,
}

/// How a deletion ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deletion {
    /// It was there, and is gone.
    Deleted,
    /// It was not there.
    AlreadyGone,
}

impl<I: Io> Clone for Writer<I> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
        }
    }
}

impl<I: Io> Writer<I> {
    /// A writer; nothing is sent.
    #[must_use]
    pub fn new(client: Client<I>) -> Self {
        Self { client }
    }

    /// The reading side.
    #[must_use]
    pub fn client(&self) -> &Client<I> {
        &self.client
    }

    /// Stores a manifest under a tag or its own digest, and gives its digest.
    ///
    /// # Errors
    ///
    /// `refused` where the registry does not take it (an immutable tag, a missing blob or child),
    /// `denied`, `unauthorized`, `digest_mismatch` where the registry stored something else.
    pub async fn put_manifest(
        &self,
        repository: &str,
        target: &Target,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Digest> {
        let put = self.put(repository, target, media_type, bytes).await?;
        Ok(put.digest)
    }

    /// As [`Writer::put_manifest`], with what the registry says of the manifest's subject.
    pub(super) async fn put(
        &self,
        repository: &str,
        target: &Target,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Put> {
        let doing = || format!("storing {}", named(repository, target));
        let digest = match target {
            Target::Digest(digest) => digest.algorithm().digest_of(&bytes),
            Target::Tag(_) => Digest::of(&bytes),
        };
        let root = self.client.session.root();
        let request = api::put(root, repository, target, media_type, bytes)
            .map_err(|error| self.client.placed(error, doing))?;
        let arrived = async || {
            let head = self.client.head(repository, target).await?;
            Ok(head.is_some_and(|head| head.digest == digest))
        };
        let outcome = self
            .write(&request, &Scope::push(repository), doing, arrived)
            .await?;
        match outcome {
            Outcome::HadItsEffect => Ok(Put {
                digest,
                lists_subject: false,
            }),
            Outcome::Answered(response) if response.status().is_success() => {
                match api::digest(response.headers()) {
                    Some(stored) if !stored.names(request.body()) => Err(self.client.placed(
                        Error::new(
                            Code::DigestMismatch,
                            format!("the registry stored {stored} for {digest}"),
                        )
                        .next("ask the registry's operator"),
                        doing,
                    )),
                    _ => Ok(Put {
                        digest,
                        lists_subject: response.headers().contains_key("oci-subject"),
                    }),
                }
            }
            Outcome::Answered(response) => Err(self.refused(&response, doing)),
        }
    }

    /// Deletes a manifest by digest, and with it the tags that point there at that moment.
    ///
    /// # Errors
    ///
    /// `unsupported` where the registry deletes nothing, `refused` where it protects this
    /// manifest, `denied`, `unauthorized`.
    pub async fn delete_manifest(&self, repository: &str, digest: &Digest) -> Result<Deletion> {
        let target = Target::Digest(*digest);
        self.take_away(repository, &target, None).await
    }

    /// Takes a tag away and leaves its manifest. `shows` is the digest it showed before: where an
    /// answer is lost, the tag is taken again only while it still shows that one.
    ///
    /// # Errors
    ///
    /// `conflict` where the tag shows another manifest by now; else as
    /// [`Writer::delete_manifest`].
    pub async fn untag(&self, repository: &str, tag: &str, shows: &Digest) -> Result<Deletion> {
        let target = Target::Tag(tag.to_owned());
        self.take_away(repository, &target, Some(shows)).await
    }

    async fn take_away(
        &self,
        repository: &str,
        target: &Target,
        shows: Option<&Digest>,
    ) -> Result<Deletion> {
        let doing = || format!("deleting {}", named(repository, target));
        let request = api::delete(self.client.session.root(), repository, target)
            .map_err(|error| self.client.placed(error, doing))?;
        let gone = async || match (self.client.head(repository, target).await?, shows) {
            (None, _) => Ok(true),
            (Some(head), Some(shows)) if head.digest != *shows => Err(self.client.placed(
                Error::new(Code::Conflict, format!("it shows {} by now", head.digest))
                    .next("somebody pushed meanwhile: plan again"),
                doing,
            )),
            (Some(_), _) => Ok(false),
        };
        let scope = Scope::delete(repository);
        let response = match self.write(&request, &scope, doing, &gone).await? {
            Outcome::HadItsEffect => return Ok(Deletion::Deleted),
            Outcome::Answered(response) => response,
        };
        let first = error_body::first_code(response.body());
        match (response.status().as_u16(), first.as_deref()) {
            (200 | 202 | 204, _) => Ok(Deletion::Deleted),
            // zot answers 400 for a repository that is gone
            (404, _) | (400, Some("NAME_UNKNOWN" | "MANIFEST_UNKNOWN")) if gone().await? => {
                Ok(Deletion::AlreadyGone)
            }
            // GHCR and GitLab hide a missing permission so
            (404, _) => Err(self.client.placed(
                Error::new(
                    Code::Denied,
                    "the registry answered 404 Not Found, and still has it",
                )
                .with_status(response.status())
                .next("check that the credential may delete"),
                doing,
            )),
            _ => Err(self.refused(&response, doing)),
        }
    }

    /// Sends a write, and again only once a HEAD (`had_effect`) has shown that the one whose
    /// answer got lost did nothing.
    pub(super) async fn write(
        &self,
        request: &Request<Bytes>,
        scope: &Scope,
        doing: impl Fn() -> String,
        had_effect: impl AsyncFn() -> Result<bool>,
    ) -> Result<Outcome> {
        let client = &self.client;
        let begun = client.io().now();
        for attempt in 1.. {
            let outcome = client.ask(request.clone(), scope, 64 << 10, &doing).await;
            let lost = match &outcome {
                Ok(response) => matches!(response.status().as_u16(), 408 | 500 | 502..=599),
                Err(error) => error.is_retryable(),
            };
            if !lost {
                return outcome.map(Outcome::Answered);
            }
            match had_effect().await {
                Ok(true) => return Ok(Outcome::HadItsEffect),
                Ok(false) => {}
                Err(error) if error.code() == Code::Conflict => return Err(error),
                // the lost answer is the news, not that nobody could look
                Err(_) => return outcome.map(Outcome::Answered),
            }
            let asked = match &outcome {
                Ok(response) => retry::retry_after(response.headers(), client.io().now()),
                Err(error) => error.retry_after(),
            };
            let limits = client.limits();
            let remaining = limits
                .deadline
                .saturating_sub(client.io().now().since(begun));
            let pause = Some(asked)
                .filter(|_| attempt < limits.attempts)
                .and_then(|asked| retry::pause(attempt, asked, client.io().random(), remaining));
            match pause {
                Some(pause) => client.io().sleep(pause).await,
                None => return outcome.map(Outcome::Answered),
            }
        }
        Err(Error::new(Code::Internal, "the attempts ran out"))
    }

    /// A refusal, where the registry's own code tells "cannot" from "will not for this one".
    pub(super) fn refused(&self, response: &Response<Bytes>, doing: impl Fn() -> String) -> Error {
        let refusal = self.client.session.refusal(response);
        let first = error_body::first_code(response.body());
        let (code, advice) = match (response.status().as_u16(), first.as_deref()) {
            // distribution 2.8 has no way to take a tag, and says that a tag is no digest
            (405 | 501, Some("UNSUPPORTED") | None)
            | (400, Some("UNSUPPORTED" | "DIGEST_INVALID")) => (
                Code::Unsupported,
                "switch deletion on in the registry's own settings, or use its own interface",
            ),
            (400 | 405 | 409 | 412 | 422, _) => (
                Code::Refused,
                "the registry protects it: see its words above",
            ),
            _ => return self.client.placed(refusal, doing),
        };
        let error = Error::new(code, refusal.found())
            .with_status(response.status())
            .next(advice);
        self.client.placed(error, doing)
    }
}

/// A manifest that was stored.
pub(super) struct Put {
    pub(super) digest: Digest,
    /// Whether the registry said that it lists it among its subject's referrers.
    pub(super) lists_subject: bool,
}

/// What became of a write.
pub(super) enum Outcome {
    /// The registry answered.
    Answered(Response<Bytes>),
    /// The answer got lost, and a HEAD shows that it was done.
    HadItsEffect,
}
