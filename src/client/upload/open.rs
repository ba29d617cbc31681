use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use url::Url;

use super::Job;
use crate::{
    api::{error_body, upload as api},
    auth::Scope,
    client::{Session, redirect, writer::Outcome},
    error::{Code, Error, Result},
    io::{InMemory, Io, Outgoing},
    oci::Digest,
    retry,
};

/// How an upload was opened.
pub(super) enum Opened<I: Io> {
    /// There is nothing to send: the registry has the blob.
    Complete,
    /// Bytes may be sent.
    Session(Box<Open<I>>),
}

/// An upload at the registry. Unless it is finished, the registry is told that it was given up when
/// this is dropped.
pub(super) struct Open<I: Io> {
    session: Session<I>,
    scope: Scope,
    /// What giving it up needs: distribution takes that for a deletion.
    to_cancel: Scope,
    /// Where the next step goes.
    pub(super) location: Url,
    /// The least length of a piece.
    pub(super) minimum: u64,
    ended: bool,
}

/// What became of a request that carried bytes.
pub(super) enum Answer {
    /// The registry took them.
    Taken(Response<Bytes>),
    /// Nobody knows: ask the registry how far it is, after that pause if it wants one.
    Unclear(Option<Duration>, Error),
    /// The registry knows no such upload any more.
    Gone(Error),
    /// The registry does not take them.
    Refused(Response<Bytes>),
}

/// How many failures are borne before the registry has got further than ever.
#[derive(Default)]
pub(super) struct Failures {
    count: u8,
    /// The most bytes that the registry has held.
    reached: u64,
}

impl<I: Io> Job<'_, I> {
    /// Opens an upload, by a mount where there is a wish for one and `mount` says so.
    pub(super) async fn open(&self, digest: Option<Digest>, mount: bool) -> Result<Opened<I>> {
        if mount && let (Some(digest), Some(from)) = (digest, self.upload.mount_from.as_deref()) {
            let scope = self.scope.clone().and(&Scope::pull(from));
            let response = self.post(Some((&digest, from)), Some(digest), &scope).await;
            match response {
                Ok(Outcome::HadItsEffect) => return Ok(Opened::Complete),
                Ok(Outcome::Answered(response)) => match response.status() {
                    StatusCode::CREATED => return Ok(Opened::Complete),
                    StatusCode::ACCEPTED => return self.session(&response),
                    // a registry that mounts nothing may take it all the same
                    _ => {}
                },
                Err(error) if error.code() == Code::Unauthorized => {}
                Err(error) => return Err(error),
            }
        }
        match self.post(None, digest, &self.scope).await? {
            Outcome::HadItsEffect => Ok(Opened::Complete),
            Outcome::Answered(response) if response.status() == StatusCode::ACCEPTED => {
                self.session(&response)
            }
            Outcome::Answered(response) => Err(self.refused(&response)),
        }
    }

    /// A POST whose answer got lost is sent again: what it leaves behind is an empty upload that the
    /// registry forgets, or the blob, for which a HEAD looks.
    async fn post(
        &self,
        mount: Option<(&Digest, &str)>,
        digest: Option<Digest>,
        scope: &Scope,
    ) -> Result<Outcome> {
        let request = api::open(self.client.session.root(), self.repository, mount)?;
        let doing = || format!("opening an upload to {}", self.repository);
        let arrived = async || match digest {
            Some(digest) => self.has(&digest).await,
            None => Ok(false),
        };
        self.writer.write(&request, scope, doing, arrived).await
    }

    /// Whether the blob is there.
    pub(super) async fn has(&self, digest: &Digest) -> Result<bool> {
        let head = self
            .client
            .blob_head_as(self.repository, digest, &self.scope);
        Ok(head.await?.is_some())
    }

    fn session(&self, response: &Response<Bytes>) -> Result<Opened<I>> {
        let root = self.client.session.root();
        let asked = api::open(root, self.repository, None)?.uri().to_string();
        let asked = Url::parse(&asked)
            .map_err(|error| Error::new(Code::InvalidArgument, error.to_string()))?;
        let step = api::read(root, &asked, true, response.headers())?;
        may_go(root, &step.location)?;
        Ok(Opened::Session(Box::new(Open {
            session: self.client.session.clone(),
            scope: self.scope.clone(),
            to_cancel: self.scope.clone().and(&Scope::delete(self.repository)),
            location: step.location,
            minimum: step.chunk_minimum,
            ended: false,
        })))
    }

    /// Sends bytes and says what became of them.
    pub(super) async fn send(
        &self,
        request: http::Request<Bytes>,
        outgoing: Outgoing,
    ) -> Result<Answer> {
        let session = &self.client.session;
        let response = match session.transmit(request, &self.scope, outgoing).await {
            Ok(response) => response,
            Err(error) if error.is_retryable() => {
                return Ok(Answer::Unclear(error.retry_after(), error));
            }
            Err(error) => return Err(error),
        };
        Ok(match response.status().as_u16() {
            200..=299 => Answer::Taken(response),
            404 | 410 => Answer::Gone(self.refused(&response)),
            401 | 408 | 416 | 425 | 429 | 500 | 502..=599 => {
                let pause = retry::retry_after(response.headers(), self.client.io().now());
                Answer::Unclear(pause, self.refused(&response))
            }
            _ => Answer::Refused(response),
        })
    }

    /// The error of an answer that says no.
    pub(super) fn refused(&self, response: &Response<Bytes>) -> Error {
        let refusal = self.client.session.refusal(response);
        let first = error_body::first_code(response.body());
        let (code, advice) = match (response.status().as_u16(), first.as_deref()) {
            (413, _) => (
                Code::TooLarge,
                "the registry, or a proxy in front of it, takes no more at once: send smaller pieces",
            ),
            (400, Some("DIGEST_INVALID")) => (
                Code::DigestMismatch,
                "the bytes changed on their way, or the source gives others each time; try again",
            ),
            (405 | 415 | 501, _) | (_, Some("UNSUPPORTED")) => (
                Code::Unsupported,
                "the registry does not take blobs in this way",
            ),
            _ => return refusal,
        };
        Error::new(code, refusal.found())
            .with_status(response.status())
            .next(advice)
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    ///
    /// `error`, where there have been enough of them or the pause is too long.
    pub(super) async fn pause(
        &self,
        failures: &mut Failures,
        asked: Option<Duration>,
        error: Error,
    ) -> Result<()> {
        let (io, limits) = (self.client.io(), self.client.limits());
        failures.count = failures.count.saturating_add(1);
        let pause = Some(asked)
            .filter(|_| failures.count < limits.attempts)
            .and_then(|asked| retry::pause(failures.count, asked, io.random(), limits.deadline));
        match pause {
            Some(pause) => io.sleep(pause).await,
            None => return Err(error),
        }
        Ok(())
    }
}

impl Failures {
    /// Takes note of how many bytes the registry holds.
    pub(super) fn reached(&mut self, received: u64) {
        if received > self.reached {
            self.reached = received;
            self.count = 0;
        }
    }
}

impl<I: Io> Open<I> {
    /// Asks how many bytes the registry holds; `None` where it does not know, or does not tell.
    pub(super) async fn received(&mut self) -> Result<Option<u64>> {
        let request = api::ask(&self.location)?;
        let method = request.method().clone();
        let response = if self.session.is_home(&self.location) {
            self.session
                .send_whole(request, &self.scope, 64 << 10)
                .await?
        } else {
            let arrived = self.session.exchange(request).await?;
            self.session
                .read(&method, arrived.response, 64 << 10)
                .await?
        };
        match response.status().as_u16() {
            200..=299 => self.follow(&response),
            401 | 403 | 429 | 500..=599 => Err(self.session.refusal(&response)),
            _ => Ok(None),
        }
    }

    /// Goes on where an answer says, and gives the number of bytes it speaks of.
    pub(super) fn follow(&mut self, response: &Response<Bytes>) -> Result<Option<u64>> {
        let root = self.session.root();
        let step = api::read(root, &self.location, false, response.headers())?;
        may_go(root, &step.location)?;
        self.location = step.location;
        self.minimum = self.minimum.max(step.chunk_minimum);
        Ok(step.received)
    }

    /// Checks that the registry stored what was sent, and is done.
    pub(super) fn finished(mut self, digest: &Digest, response: &Response<Bytes>) -> Result<()> {
        self.ended = true;
        let stored = crate::api::manifest::digest(response.headers());
        match stored.filter(|stored| stored.algorithm() == digest.algorithm()) {
            Some(stored) if stored != *digest => Err(Error::new(
                Code::DigestMismatch,
                format!("the registry stored {stored} for {digest}"),
            )
            .next("ask the registry's operator")),
            _ => Ok(()),
        }
    }

    /// Is done, or was lost by the registry: there is nothing to give up.
    pub(super) fn forget(mut self) {
        self.ended = true;
    }
}

impl<I: Io> Drop for Open<I> {
    fn drop(&mut self) {
        let Ok(request) = api::cancel(&self.location) else {
            return;
        };
        if self.ended {
            return;
        }
        let (session, scope) = (self.session.clone(), self.to_cancel.clone());
        let is_home = session.is_home(&self.location);
        let io = self.session.io().clone();
        io.spawn(Box::pin(async move {
            // nobody is left to hear of it, and the registry forgets uploads by itself
            if is_home {
                let _ = session.send(request, &scope).await;
            } else {
                let _ = session.exchange(request).await;
            }
        }));
    }
}

/// Whether an address is that of a blob or a manifest.
fn is_stored(at: &Url) -> bool {
    let mut path = at.path().rsplit('/');
    let (last, folder) = (path.next(), path.next());
    let names_digest = || last.is_some_and(|name| name.parse::<Digest>().is_ok());
    folder == Some("manifests") || folder == Some("blobs") && names_digest()
}

/// Whether bytes may go to an address that the registry named for an upload: its own, or another
/// host that a redirect could lead to as well. That one never sees who sends them.
///
/// Never to what is stored: bytes sent there would overwrite it, and giving the upload up would
/// delete it.
fn may_go(root: &Url, location: &Url) -> Result<()> {
    if is_stored(location) {
        return Err(Error::new(
            Code::UpstreamError,
            "the registry continues the upload at the address of something stored",
        )
        .next("ask the registry's operator"));
    }
    if location.origin() == root.origin() {
        return Ok(());
    }
    let mut headers = http::HeaderMap::new();
    if let Ok(value) = http::HeaderValue::from_str(location.as_str()) {
        headers.insert(header::LOCATION, value);
    }
    let status = StatusCode::TEMPORARY_REDIRECT;
    redirect::target(&http::Method::GET, root, root, status, &headers).map_err(|_| {
        let origin = location.origin().ascii_serialization();
        Error::new(
            Code::UpstreamError,
            format!("the registry wants the upload sent to {origin}; that was not done"),
        )
        .next("it must be https and not lie in a private network; check the registry's own address in its settings")
    })?;
    Ok(())
}

/// No bytes, for the request that only ends an upload.
pub(super) fn nothing() -> Outgoing {
    Outgoing::new(std::rc::Rc::new(InMemory(Bytes::new())), 0, 0)
}
