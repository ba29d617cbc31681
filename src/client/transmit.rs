//! Sending what is large: one request with a body that leaves while it is read.

use std::{cell::Cell, pin::pin, rc::Rc, time::Duration};

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, Response};
use url::Url;

use super::{exchange::Sends, redirect, session::Session};
use crate::{
    auth::Scope,
    error::{Code, Error, Result},
    io::{Io, Outgoing, Redirects},
    limits::Limits,
};

/// What is read of the answer to an upload, in bytes.
const ANSWER: u64 = 64 << 10;
/// The slowest way to a registry that is waited for, in bytes per second, where nobody sees the
/// bytes leave.
const SLOWEST: u64 = 16 << 10;
/// How fast a registry at least stores what it has received, in bytes per second.
const STORING: u64 = 16 << 20;

impl<I: Io> Session<I> {
    /// Sends a request whose body is `outgoing`, once: with the proof that is known for `scope`, no
    /// 401 round and no repetition, because each of them would send the body again. Whoever calls
    /// this looks at what the registry has before it goes on.
    ///
    /// An address on another host gets the bytes and nothing that says who sends them.
    ///
    /// # Errors
    ///
    /// `timeout` where the bytes stand still or no answer comes, `upstream_error` for a redirect to
    /// another host, those of the source, `unreachable`, `cancelled`.
    pub(super) async fn transmit(
        &self,
        mut request: Request<Bytes>,
        scope: &Scope,
        outgoing: Outgoing,
    ) -> Result<Response<Bytes>> {
        let mut at = self.routed_uri(request.uri())?;
        let home = at.clone();
        let is_home = self.is_home(&home);
        let proof = if is_home {
            self.proof(&request, scope).await?
        } else {
            None
        };
        self.dress(request.headers_mut(), proof.as_ref(), is_home);
        request.extensions_mut().insert(Sends);
        let method = request.method().clone();
        for _ in 0..=self.settings().limits.redirects {
            *request.uri_mut() = at.as_str().parse().map_err(|_| {
                Error::new(
                    Code::UpstreamError,
                    "the registry redirects to an address that HTTP cannot carry",
                )
            })?;
            let response = self.once(request.clone(), &at, outgoing.clone()).await?;
            let to = match self.io().redirects() {
                Redirects::ByHand => {
                    redirect::target(&method, &home, &at, response.status(), response.headers())?
                }
                Redirects::ByPlatform => None,
            };
            let Some(to) = to else {
                return self.read(&method, response, ANSWER).await;
            };
            at = self.routed(to);
        }
        Err(Error::new(
            Code::UpstreamError,
            "the registry redirected the upload too often",
        ))
    }

    async fn once(
        &self,
        request: Request<Bytes>,
        at: &Url,
        mut outgoing: Outgoing,
    ) -> Result<Response<I::Body>> {
        let (io, length) = (self.io(), outgoing.length);
        let left = Rc::new(Cell::new(None));
        let (seen, told) = (Rc::clone(&left), Rc::clone(&outgoing.sent));
        outgoing.sent = Rc::new(move |sent| {
            seen.set(Some(sent));
            told(sent);
        });
        let known = request.clone();
        self.in_turn(&known, at, async || {
            let mut sending = pin!(io.upload(request, outgoing));
            loop {
                let before = left.get();
                let patience = patience(before, length, &self.settings().limits);
                match select(sending.as_mut(), pin!(io.sleep(patience))).await {
                    Either::Left((answer, _)) => return answer,
                    Either::Right(_) if left.get() != before => {}
                    Either::Right(_) => return Err(too_slow(before, length, patience)),
                }
            }
        })
        .await
    }
}

/// How long nothing may happen; `left` is how many of the bytes have left, where the platform shows
/// it.
fn patience(left: Option<u64>, length: u64, limits: &Limits) -> Duration {
    match left {
        Some(left) if left < length => limits.idle,
        Some(_) => limits.headers.max(limits.idle) + Duration::from_secs(length / STORING),
        None => limits.headers + Duration::from_secs(length / SLOWEST),
    }
}

fn too_slow(left: Option<u64>, length: u64, waited: Duration) -> Error {
    let waited = waited.as_secs();
    let found = match left {
        Some(left) if left < length => {
            format!("no bytes were taken for {waited} s after {left} of {length}")
        }
        _ => format!("no answer to the upload within {waited} s"),
    };
    Error::new(Code::Timeout, found).next("try again later")
}
