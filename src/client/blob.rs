use http::StatusCode;

use super::Client;
use crate::{
    api::blob as api,
    auth::Scope,
    error::{Code, Error, Result},
    io::{Body, Io},
    oci::Digest,
};

pub use api::Part;

/// A blob on its way.
///
/// Of a whole blob, what is read from [`Blob::body`] is compared with the digest and fails before
/// its last piece where it is something else. A part has no digest: only its length is compared.
#[derive(Debug)]
#[non_exhaustive]
pub struct Blob<B: Body> {
    /// The length of the whole in bytes, where the registry said so.
    pub size: Option<u64>,
    /// The bytes that [`Blob::body`] holds, where they are not all: from the first to the one
    /// behind the last.
    pub part: Option<std::ops::Range<u64>>,
    /// Its bytes.
    pub body: B,
}

/// What a HEAD says of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobHead {
    /// Its length in bytes, where the registry says so.
    pub size: Option<u64>,
}

impl<I: Io> Client<I> {
    /// A blob, whose bytes are compared with the digest as they are read.
    ///
    /// # Errors
    ///
    /// `not_found` where there is none. Reading the body fails with `digest_mismatch` or
    /// `truncated`.
    pub async fn blob(&self, repository: &str, digest: &Digest) -> Result<Blob<I::Body>> {
        let doing = || format!("reading the blob {digest} of {repository}");
        let read = async {
            let request = api::get(self.session.root(), repository, digest, None)?;
            let method = request.method().clone();
            let scope = Scope::pull(repository);
            let response = self.session.send(request, &scope).await?;
            if response.status() != StatusCode::OK {
                let response = self.session.read(&method, response, 0).await?;
                return Err(self.session.refusal(&response));
            }
            let body = response.into_body();
            let size = body.length();
            Ok(Blob {
                size,
                part: None,
                body: body.verified(digest, size),
            })
        };
        read.await.map_err(|error| self.placed(error, doing))
    }

    /// A part of a blob. Nothing proves that its bytes are the right ones: compare the whole with
    /// its digest once all parts are there.
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid_argument` where the blob ends before the part begins; `unsupported`
    /// where the registry, or the storage it leads to, sends no parts.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::{client::{Client, Part}, error::Result, io::{Body, Io}, oci::Digest};
    ///
    /// async fn first_kilobyte<I: Io>(client: &Client<I>, digest: &Digest) -> Result<Vec<u8>> {
    ///     let part = Part { from: 0, to: Some(1024) };
    ///     let blob = client.blob_part("acme/web", digest, part).await?;
    ///     Ok(blob.body.bytes(1024).await?.to_vec())
    /// }
    /// ```
    pub async fn blob_part(
        &self,
        repository: &str,
        digest: &Digest,
        part: Part,
    ) -> Result<Blob<I::Body>> {
        let doing = || format!("reading a part of the blob {digest} of {repository}");
        let read = async {
            let request = api::get(self.session.root(), repository, digest, Some(part))?;
            let method = request.method().clone();
            let scope = Scope::pull(repository);
            let response = self.session.send(request, &scope).await?;
            match response.status() {
                StatusCode::PARTIAL_CONTENT => {}
                StatusCode::OK => {
                    return Err(Error::new(
                        Code::Unsupported,
                        "the registry answered a part with the whole blob",
                    )
                    .next("read it whole"));
                }
                StatusCode::RANGE_NOT_SATISFIABLE => {
                    let found = format!("the blob ends before the byte number {}", part.from);
                    return Err(Error::new(Code::InvalidArgument, found));
                }
                _ => {
                    let response = self.session.read(&method, response, 0).await?;
                    return Err(self.session.refusal(&response));
                }
            }
            let (sent, size) = api::sent_part(part, response.headers())?;
            Ok(Blob {
                size,
                part: Some(sent),
                body: response.into_body(),
            })
        };
        read.await.map_err(|error| self.placed(error, doing))
    }

    /// Whether a blob is there, and how long it is; `None` where it is not.
    ///
    /// # Errors
    ///
    /// `denied`, `unauthorized`, and those of every request.
    pub async fn blob_head(&self, repository: &str, digest: &Digest) -> Result<Option<BlobHead>> {
        self.blob_head_as(repository, digest, &Scope::pull(repository))
            .await
    }

    /// As [`Client::blob_head`], with the permission that what comes next needs anyway.
    pub(super) async fn blob_head_as(
        &self,
        repository: &str,
        digest: &Digest,
        scope: &Scope,
    ) -> Result<Option<BlobHead>> {
        let doing = || format!("asking for the blob {digest} of {repository}");
        let request = api::head(self.session.root(), repository, digest)
            .map_err(|error| self.placed(error, doing))?;
        let response = self.ask(request, scope, 0, doing).await?;
        match response.status() {
            StatusCode::OK => Ok(Some(BlobHead {
                size: api::length(response.headers()),
            })),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(self.refused(&response, doing)),
        }
    }
}
