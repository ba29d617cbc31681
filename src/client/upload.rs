//! Pushing a blob: looked for first, mounted where it is already, sent at once or in pieces, taken
//! up again where a connection broke, given up with a DELETE.
//!
//! ```text
//! digest known? ── HEAD: there ───────────────────────────────▶ AlreadyThere
//!      │
//! POST (mount=, from=) ── 201 ────────────────────────────────▶ Mounted
//!      │ 202
//!      ├─ whole:  PUT with all bytes ─── 201 ─────────────────▶ Sent
//!      └─ pieces: PATCH ... PATCH, PUT ─ 201 ─────────────────▶ Sent
//!            ▲        │ no answer, 401, 408, 416, 429, 5xx
//!            │        ▼
//!            └── HEAD of the blob, GET of the session: what its `Range` says decides
//! ```
//!
//! The first request has no body and gets the token, so that bytes leave only once it is known that
//! they may.

mod open;
mod pieces;
mod reading;
mod whole;

use std::rc::Rc;

use super::{Client, Writer};
use crate::{
    auth::Scope,
    error::{Error, Result},
    io::{Io, Source, other_length, same_digest},
    oci::{Algorithm, Descriptor, Digest},
};
use open::Opened;

/// How long a piece is where nobody says otherwise, in bytes. It is held in memory.
pub(super) const PIECE: u64 = 8 << 20;
/// How often an upload begins anew because the registry lost it.
const BEGINNINGS: u32 = 3;

/// What is known of a blob before it is pushed, and how it is to be pushed.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Upload, oci::Digest};
///
/// let mut upload = Upload::default();
/// upload.digest = Some(Digest::of(b"layer"));
/// upload.mount_from = Some("acme/base".into());
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Upload {
    /// The digest that the bytes are to have. With it nothing is sent that the registry has, and
    /// without it they are hashed while they are read.
    pub digest: Option<Digest>,
    /// Another repository of the same registry that may have the blob: it is taken from there
    /// without a byte being sent. Needs [`Upload::digest`].
    pub mount_from: Option<String>,
    /// Send pieces of so many bytes, each held in memory, even where all could leave at once. The
    /// registry may ask for longer ones.
    pub piece: Option<u64>,
    /// Called with the number of bytes that have left.
    pub progress: Option<Rc<dyn Fn(u64)>>,
}

/// A blob that the registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// How it got there.
    pub arrival: Arrival,
}

impl Uploaded {
    /// A descriptor of it, for a manifest.
    #[must_use]
    pub fn descriptor(&self, media_type: &str) -> Descriptor {
        Descriptor::new(media_type, self.digest, self.size)
    }
}

/// How a blob got to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// It was there.
    AlreadyThere,
    /// The registry took it from another of its repositories.
    Mounted,
    /// Its bytes were sent.
    Sent,
}

impl<I: Io> Writer<I> {
    /// Pushes a blob.
    ///
    /// It is sent at once where the platform can do that without holding it in memory, and in
    /// pieces of 8 MiB elsewhere. Where an answer gets lost, the registry is asked what it has
    /// before anything is sent again. Dropping the future gives the upload up.
    ///
    /// # Errors
    ///
    /// `digest_mismatch` and `invalid_argument` where the source has other bytes or another length
    /// than was promised; `denied`, `unauthorized`, `too_large` where the registry takes no blob of
    /// that size, `unsupported` where it does not take what was asked for; whatever the source
    /// fails with, and those of every request.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use portreeve::{client::{Upload, Writer}, error::Result, io::{InMemory, Io}, oci::media_type};
    ///
    /// async fn push_config<I: Io>(writer: &Writer<I>, config: Vec<u8>) -> Result<()> {
    ///     let source = Rc::new(InMemory(config.into()));
    ///     let blob = writer.upload("acme/web", source, &Upload::default()).await?;
    ///     let descriptor = blob.descriptor(media_type::OCI_CONFIG);
    ///     println!("{} has {} bytes", descriptor.digest, descriptor.size);
    ///     Ok(())
    /// }
    /// ```
    pub async fn upload(
        &self,
        repository: &str,
        source: Rc<dyn Source>,
        upload: &Upload,
    ) -> Result<Uploaded> {
        let doing = || match upload.digest {
            Some(digest) => format!("uploading the blob {digest} to {repository}"),
            None => format!("uploading a blob to {repository}"),
        };
        let job = Job {
            client: &self.client,
            writer: self,
            repository,
            scope: Scope::push(repository),
            upload,
        };
        let outcome = job.run(source).await;
        outcome.map_err(|error| self.client.placed(error, doing))
    }

    /// Takes a blob from another repository of the same registry, without a byte being sent.
    /// `false` where the registry does not: it has no such blob, shows it to nobody, or mounts
    /// nothing.
    ///
    /// # Errors
    ///
    /// `invalid_reference` for malformed names, `denied`, `unauthorized`.
    pub async fn mount(&self, repository: &str, digest: &Digest, from: &str) -> Result<bool> {
        let doing = || format!("mounting the blob {digest} of {from} in {repository}");
        let upload = Upload {
            digest: Some(*digest),
            mount_from: Some(from.to_owned()),
            ..Upload::default()
        };
        let job = Job {
            client: &self.client,
            writer: self,
            repository,
            scope: Scope::push(repository),
            upload: &upload,
        };
        let opened = job.open(Some(*digest), true).await;
        match opened.map_err(|error| self.client.placed(error, doing))? {
            Opened::Complete => Ok(true),
            // given up where it ends
            Opened::Session(_) => Ok(false),
        }
    }
}

/// One upload with all that it needs.
struct Job<'a, I: Io> {
    client: &'a Client<I>,
    writer: &'a Writer<I>,
    repository: &'a str,
    scope: Scope,
    upload: &'a Upload,
}

impl<I: Io> Job<'_, I> {
    async fn run(&self, source: Rc<dyn Source>) -> Result<Uploaded> {
        let promised = source.size();
        let whole = promised
            .filter(|_| self.upload.piece.is_none() && self.client.io().sends_whole(&*source));
        let Some(size) = whole else {
            return self.in_pieces(source).await;
        };
        let digest = if let Some(digest) = self.upload.digest {
            digest
        } else {
            let (digest, found) = source.digest(Algorithm::Sha256).await?;
            if found != size {
                return Err(other_length(size, found));
            }
            digest
        };
        if let Some(there) = self.already_there(&digest, Some(size)).await? {
            return Ok(there);
        }
        self.whole(source, digest, size).await
    }

    /// The blob, if the registry has it. Nothing but a clear yes counts: whatever keeps us from
    /// looking will show again when it matters.
    async fn already_there(&self, digest: &Digest, size: Option<u64>) -> Result<Option<Uploaded>> {
        let found = self
            .client
            .blob_head_as(self.repository, digest, &self.scope);
        let head = match found.await {
            Ok(head) => head,
            Err(error) if error.status().is_some() => None,
            Err(error) => return Err(error),
        };
        let Some(there) = head.and_then(|head| head.size.or(size)) else {
            return Ok(None);
        };
        if let Some(promised) = size.filter(|promised| *promised != there) {
            return Err(other_length(promised, there));
        }
        Ok(Some(Uploaded {
            digest: *digest,
            size: there,
            arrival: Arrival::AlreadyThere,
        }))
    }

    /// How a blob arrived that is there once the upload was to be opened.
    fn without_bytes(&self) -> Arrival {
        match self.upload.mount_from {
            Some(_) => Arrival::Mounted,
            None => Arrival::AlreadyThere,
        }
    }

    fn progress(&self, left: u64) {
        if let Some(progress) = &self.upload.progress {
            progress(left);
        }
    }

    /// The digest that was found, if it is the one that was promised.
    fn agreed(&self, found: Digest) -> Result<Digest> {
        match self.upload.digest {
            Some(promised) => same_digest(promised, found).map(|()| promised),
            None => Ok(found),
        }
    }
}

/// The error for an upload that the registry lost too often.
fn lost(last: Option<Error>) -> Error {
    last.unwrap_or_else(|| {
        Error::new(
            crate::error::Code::UpstreamError,
            format!("the registry lost the upload {BEGINNINGS} times"),
        )
        .next("try again later, or ask the registry's operator")
    })
}
