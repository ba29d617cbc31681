//! An answer's body: bytes that are here, or a stream handle whose bytes stay in JavaScript.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, future::LocalBoxFuture, stream};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::ReadableStream;

use super::{
    fetch::AbortOnDrop,
    hash::Hash,
    pull::{self, Pull},
    pump::{Controller, Pump},
};
use crate::{
    error::{Code, Error, Result},
    io,
    oci::{Digest, Verifier},
};

/// The body of an answer. Dropping it unread gives the request up.
#[derive(Debug)]
pub struct Body {
    source: Source,
    expected: Option<(Digest, Option<u64>)>,
    idle: Option<Duration>,
}

#[derive(Debug)]
enum Source {
    Bytes(Bytes),
    Stream {
        stream: ReadableStream,
        length: Option<u64>,
        abort: AbortOnDrop,
    },
}

/// A body to be passed on as it is.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "whoever passes a body on must treat all of them"
)]
pub enum Handle {
    /// Nothing: the answer to HEAD, 204, 304.
    Empty,
    /// Bytes that are here.
    Bytes(Bytes),
    /// The platform's stream.
    Stream(ReadableStream),
}

impl Body {
    pub(super) fn from_answer(
        stream: Option<ReadableStream>,
        length: Option<u64>,
        mut abort: AbortOnDrop,
    ) -> Self {
        let source = if let Some(stream) = stream {
            Source::Stream {
                stream,
                length,
                abort,
            }
        } else {
            abort.disarm();
            Source::Bytes(Bytes::new())
        };
        Self {
            source,
            expected: None,
            idle: None,
        }
    }

    /// The body as it is, whoever it goes to. Only for a body that is not
    /// [verified](io::Body::verified): its check would be lost.
    ///
    /// # Errors
    ///
    /// `internal` for a verified body.
    pub fn into_handle(self) -> Result<Handle> {
        if self.expected.is_some() {
            return Err(Error::new(
                Code::Internal,
                "a verified body was to be passed on unread",
            ));
        }
        Ok(match self.source {
            Source::Bytes(bytes) if bytes.is_empty() => Handle::Empty,
            Source::Bytes(bytes) => Handle::Bytes(bytes),
            Source::Stream {
                stream, mut abort, ..
            } => {
                abort.disarm();
                Handle::Stream(stream)
            }
        })
    }

    /// The body as a stream for JavaScript. A verified body errors before its last piece where
    /// the bytes are wrong; `exception` makes what JavaScript sees of an error.
    ///
    /// # Errors
    ///
    /// `internal` where the platform makes no stream of it.
    pub fn into_readable_stream(
        self,
        exception: impl Fn(&Error) -> JsValue + 'static,
    ) -> Result<ReadableStream> {
        let Self {
            source,
            expected,
            idle,
        } = self;
        let broken = |exception| super::exception::error(Code::Internal, exception);
        let (stream, length, mut abort) = match source {
            Source::Bytes(bytes) => {
                if let Some((digest, size)) = expected {
                    let mut verifier = Verifier::new(digest, size);
                    verifier.update(&bytes);
                    verifier.finish()?;
                }
                let array = Uint8Array::from(bytes.as_ref());
                let answer = web_sys::Response::new_with_opt_buffer_source(Some(&array));
                return answer.map_err(broken)?.body().ok_or_else(|| {
                    Error::new(Code::Internal, "the platform made no stream of bytes")
                });
            }
            Source::Stream {
                stream,
                length,
                abort,
            } => (stream, length, abort),
        };
        if expected.is_none() && idle.is_none() {
            abort.disarm();
            return Ok(stream);
        }
        let size = expected.and_then(|(_, size)| size);
        let checked = Checked {
            pump: Pump::new(stream, length.or(size), idle, abort)?,
            hash: expected.map(|(digest, size)| Hash::new(digest, size)),
            held: None,
        };
        pull::pulled(checked, exception).map_err(broken)
    }

    fn pieces(self) -> Result<Pieces> {
        let Self {
            source,
            expected,
            idle,
        } = self;
        let verifier = expected.map(|(digest, size)| Verifier::new(digest, size));
        let (pump, held) = match source {
            Source::Bytes(bytes) => (None, Some(bytes)),
            Source::Stream {
                stream,
                length,
                abort,
            } => (Some(Pump::new(stream, length, idle, abort)?), None),
        };
        let mut pieces = Pieces {
            pump,
            verifier,
            held,
        };
        if let (Some(verifier), Some(bytes)) = (&mut pieces.verifier, &pieces.held) {
            verifier.update(bytes);
        }
        Ok(pieces)
    }
}

impl io::Body for Body {
    fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::Stream { length, .. } => *length,
        }
    }

    fn from_bytes(bytes: Bytes) -> Self {
        Self {
            source: Source::Bytes(bytes),
            expected: None,
            idle: None,
        }
    }

    async fn bytes(self, limit: u64) -> Result<Bytes> {
        let too_large = || {
            let found = format!("the body is longer than {limit} bytes");
            Err(Error::new(Code::TooLarge, found))
        };
        let length = io::Body::length(&self).unwrap_or_default();
        if length > limit {
            return too_large();
        }
        let mut pieces = self.pieces()?;
        let Some(first) = pieces.next().await? else {
            return Ok(Bytes::new());
        };
        if first.len() as u64 == length {
            // nearly every manifest comes in one piece
            return match pieces.next().await? {
                None => Ok(first),
                Some(_) => too_large(),
            };
        }
        let mut whole = BytesMut::from(first);
        while whole.len() as u64 <= limit {
            match pieces.next().await? {
                Some(piece) => whole.extend_from_slice(&piece),
                None => return Ok(whole.freeze()),
            }
        }
        too_large()
    }

    fn stream(self) -> impl Stream<Item = Result<Bytes>> + 'static {
        let started = self.pieces();
        stream::try_unfold(Some(started), |pieces| async move {
            let Some(pieces) = pieces else {
                return Ok(None);
            };
            let mut pieces = pieces?;
            let next = pieces.next().await?;
            Ok(next.map(|piece| (piece, Some(Ok(pieces)))))
        })
        .boxed_local()
    }

    fn watched(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    fn verified(mut self, digest: &Digest, size: Option<u64>) -> Self {
        self.expected = Some((*digest, size));
        self
    }
}

/// The pieces of a body in wasm. With a verifier, one is held back until the next has come.
struct Pieces {
    pump: Option<Pump>,
    verifier: Option<Verifier>,
    held: Option<Bytes>,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while let Some(pump) = &mut self.pump {
            let Some(piece) = pump.next().await? else {
                self.pump = None;
                break;
            };
            let bytes = Bytes::from(piece.to_vec());
            pump.recycle(&piece);
            let Some(verifier) = &mut self.verifier else {
                return Ok(Some(bytes));
            };
            verifier.update(&bytes);
            if let Some(previous) = self.held.replace(bytes) {
                return Ok(Some(previous));
            }
        }
        if let Some(verifier) = self.verifier.take() {
            verifier.finish()?;
        }
        Ok(self.held.take().filter(|bytes| !bytes.is_empty()))
    }
}

/// The same for a stream whose pieces stay in JavaScript.
struct Checked {
    pump: Pump,
    hash: Option<Hash>,
    held: Option<Uint8Array>,
}

impl Checked {
    async fn advance(&mut self, controller: &Controller) -> Result<()> {
        let closed = |exception| super::exception::error(Code::Cancelled, exception);
        while let Some(piece) = self.pump.next().await? {
            let Some(hash) = &mut self.hash else {
                return controller.enqueue(&piece).map_err(closed);
            };
            hash.update(&piece)?;
            if let Some(previous) = self.held.replace(piece) {
                return controller.enqueue(&previous).map_err(closed);
            }
        }
        if let Some(hash) = self.hash.take() {
            hash.finish()?;
        }
        if let Some(last) = self.held.take() {
            controller.enqueue(&last).map_err(closed)?;
        }
        controller.close().map_err(closed)
    }
}

impl Pull for Checked {
    fn pull<'a>(&'a mut self, controller: &'a Controller) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(self.advance(controller))
    }
}
