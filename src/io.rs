//! The seam: the few things the core cannot do by itself.
//!
//! Everything below is written once over [`Io`] and runs in a Worker, in Node, in a browser and,
//! for tests, on an in-memory registry with a virtual clock.

mod outgoing;

use std::{future::Future, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, future::LocalBoxFuture};
use http::{Request, Response};

pub use outgoing::{InMemory, Outgoing, Source};
pub(crate) use outgoing::{other_length, same_digest};

use crate::{
    credentials::Credentials,
    error::{Code, Error, Result},
    event::Event,
    oci::Digest,
    timestamp::Timestamp,
};

/// Network, clock and chance. Cheap to clone; futures stay on one thread.
pub trait Io: Clone + 'static {
    /// The body of an answer.
    type Body: Body;

    /// Sends one request and waits for the answer's headers. Redirects are not followed where
    /// [`Io::redirects`] is [`Redirects::ByHand`].
    ///
    /// Dropping the future gives the request up.
    ///
    /// # Errors
    ///
    /// `unreachable` without a connection, `cancelled` where the caller gave up; never for a
    /// status.
    fn fetch(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Self::Body>>> + 'static;

    /// Whether this platform can send such a source in one request without holding it in memory.
    /// Only a source whose size is known is asked about.
    fn sends_whole(&self, source: &dyn Source) -> bool {
        source.as_any().is::<InMemory>()
    }

    /// As [`Io::fetch`], with the bytes that `outgoing` opens as the request's body. The source is
    /// opened anew by each call.
    ///
    /// # Errors
    ///
    /// As [`Io::fetch`], and those of the source.
    fn upload(
        &self,
        request: Request<Bytes>,
        outgoing: Outgoing,
    ) -> impl Future<Output = Result<Response<Self::Body>>> + 'static {
        let io = self.clone();
        async move {
            let bytes = outgoing.gather().await?;
            io.fetch(request.map(|_| bytes)).await
        }
    }

    /// Lets `work` go on by itself, where the platform can: to tell a registry that an upload was
    /// given up by a caller who does not wait any more.
    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        drop(work);
    }

    /// Waits. Dropping the future ends the timer.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static;

    /// The time now.
    fn now(&self) -> Timestamp;

    /// Sixty-four random bits, for jitter and names; not for keys.
    fn random(&self) -> u64;

    /// What is known for the registry at `host`, as references name it; by default nothing.
    ///
    /// A client asks once, and only where being nobody does not do: reading what is public never
    /// costs a look-up.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from finding out, such as a credential helper that fails; the request
    /// that needed the answer ends with it.
    fn credentials(&self, host: &str) -> impl Future<Output = Result<Credentials>> + 'static {
        let _ = host;
        std::future::ready(Ok(Credentials::default()))
    }

    /// A clock that only goes on, for measuring how long something took: the time since a start
    /// that is nobody's business.
    fn clock(&self) -> Duration;

    /// Is told of every request, as it happens; must not take long. By default nobody listens.
    fn observe(&self, event: &Event) {
        let _ = event;
    }

    /// Whether clients of different callers may wait for one another. On workerd a request that
    /// waits for what another one holds hangs for ever.
    fn shares_waiting(&self) -> bool {
        false
    }

    /// Who follows redirects.
    fn redirects(&self) -> Redirects {
        Redirects::ByHand
    }
}

/// Who follows redirects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirects {
    /// The client does, and keeps credentials from other hosts.
    ByHand,
    /// The platform does: a browser hides the answer to a redirect, and drops Authorization on
    /// the way to another origin.
    ByPlatform,
}

/// An answer's bytes, which may never enter this program: in the Worker it is the platform's
/// stream handle.
pub trait Body: Sized + 'static {
    /// The length the sender promised, in bytes.
    fn length(&self) -> Option<u64>;

    /// A body that is already here.
    fn from_bytes(bytes: Bytes) -> Self;

    /// Reads it whole.
    ///
    /// # Errors
    ///
    /// `too_large` above `limit` bytes, `truncated` where it ends before its length.
    fn bytes(self, limit: u64) -> impl Future<Output = Result<Bytes>> + 'static;

    /// Reads it piece by piece; the stream ends after its first error.
    fn stream(self) -> impl Stream<Item = Result<Bytes>> + 'static;

    /// The same body, which fails with `timeout` where its sender falls silent for `idle` while
    /// somebody waits for the next piece. Without an own way to tell the time, it stays as it is.
    #[must_use]
    fn watched(self, idle: Duration) -> Self {
        let _ = idle;
        self
    }

    /// The same body, which fails with `digest_mismatch` or `truncated` before its last piece
    /// where the bytes are not those that `digest` and `size` name.
    #[must_use]
    fn verified(self, digest: &Digest, size: Option<u64>) -> Self;
}

/// The error for a body whose sender fell silent for so long.
pub(crate) fn fell_silent(idle: Duration) -> Error {
    let found = format!("the answer fell silent for {} s", idle.as_secs_f64());
    Error::new(Code::Timeout, found).next("try again later")
}
