//! Bodies that JavaScript gives: bytes that stay there, and streams that can be opened again.

use std::{any::Any, cell::RefCell, rc::Rc};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture, stream, stream::LocalBoxStream};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::ReadableStream;

use super::{
    exception,
    fetch::AbortOnDrop,
    hash::Hashing,
    pull::{self, Pull},
    pump::{Controller, Pump},
};
use crate::{
    error::{Code, Error, Result},
    io::{Outgoing, Source, other_length, same_digest},
    oci::{Algorithm, Digest},
};

#[wasm_bindgen]
extern "C" {
    /// What the TypeScript half makes of whatever it was given.
    pub type Given;

    /// How many bytes it has, where that is known.
    #[wasm_bindgen(method, getter)]
    fn size(this: &Given) -> Option<f64>;

    /// Whether its bytes are at hand, so that `part` gives them.
    #[wasm_bindgen(method, getter, js_name = isHeld)]
    fn is_held(this: &Given) -> bool;

    /// Its bytes from one number to before another, as a body that `fetch` takes.
    #[wasm_bindgen(method, catch)]
    fn part(this: &Given, from: f64, to: f64) -> Result<JsValue, JsValue>;

    /// Opens it at a byte: a stream, or a promise of one.
    #[wasm_bindgen(method, catch)]
    fn open(this: &Given, from: f64) -> Result<JsValue, JsValue>;
}

/// A source whose bytes come from JavaScript.
#[derive(Clone)]
pub struct JsSource(Rc<Given>);

impl JsSource {
    /// A source of what was given.
    #[must_use]
    pub fn new(given: Given) -> Self {
        Self(Rc::new(given))
    }

    /// Whether its bytes are at hand and not in a stream.
    pub(super) fn is_held(&self) -> bool {
        self.0.is_held()
    }

    /// The bytes that a request carries, where they are at hand.
    pub(super) fn part(&self, outgoing: &Outgoing) -> Result<JsValue> {
        let end = outgoing.from.saturating_add(outgoing.length);
        self.0
            .part(number(outgoing.from), number(end))
            .map_err(theirs)
    }

    /// The stream that it opens at a byte.
    pub(super) async fn stream(self, from: u64) -> Result<ReadableStream> {
        let opened = self.0.open(number(from)).map_err(theirs)?;
        let opened = JsFuture::from(Promise::resolve(&opened)).await;
        opened.map_err(theirs)?.dyn_into().map_err(|_| {
            Error::new(
                Code::InvalidArgument,
                "the source opened something else than a stream",
            )
        })
    }

    async fn pump(self, from: u64) -> Result<Pump> {
        Pump::new(self.stream(from).await?, None, None, AbortOnDrop::nothing())
    }

    /// Compares all of it with a digest, before it leaves.
    pub(super) async fn prove(&self, expected: Digest) -> Result<()> {
        let (found, _) = hashed(self.clone(), expected.algorithm()).await?;
        same_digest(expected, found)
    }
}

impl Source for JsSource {
    fn size(&self) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the TypeScript half lets whole numbers through, and no others"
        )]
        let size = self.0.size().map(|size| size as u64);
        size
    }

    fn open(&self, from: u64) -> LocalBoxStream<'static, Result<Bytes>> {
        let state = Opening::At(self.clone(), from);
        stream::try_unfold(state, |state| async move {
            let mut open = match state {
                Opening::At(source, from) => Reading::new(source.pump(from).await?),
                Opening::Open(open) => open,
            };
            let piece = open.next().await?;
            Ok(piece.map(|piece| (Bytes::from(piece.to_vec()), Opening::Open(open))))
        })
        .boxed_local()
    }

    fn digest(&self, algorithm: Algorithm) -> LocalBoxFuture<'static, Result<(Digest, u64)>> {
        hashed(self.clone(), algorithm).boxed_local()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

async fn hashed(source: JsSource, algorithm: Algorithm) -> Result<(Digest, u64)> {
    let mut hashing = Hashing::new(algorithm);
    let mut pieces = Reading::new(source.pump(0).await?);
    while let Some(piece) = pieces.next().await? {
        hashing.update(&piece)?;
    }
    hashing.finish()
}

enum Opening {
    At(JsSource, u64),
    Open(Reading),
}

/// A stream of the caller's that is being read; what is left of it is cancelled when this is
/// dropped.
struct Reading {
    pump: Pump,
    ended: bool,
}

impl Reading {
    fn new(pump: Pump) -> Self {
        Self { pump, ended: false }
    }

    async fn next(&mut self) -> Result<Option<Uint8Array>> {
        let piece = self
            .pump
            .next()
            .await
            .map_err(|error| match exception::original(&error) {
                Some(exception) => theirs(exception),
                None => error,
            });
        self.ended = !matches!(piece, Ok(Some(_)));
        piece
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if let Some(cancelled) = self.pump.cancel() {
            // what the caller's stream says to that is nobody's business any more
            spawn_local(async move {
                let _ = JsFuture::from(cancelled).await;
            });
        }
    }
}

/// What the body of a request went wrong with, before `fetch` makes an error of its own of it.
pub(super) type Fault = Rc<RefCell<Option<Error>>>;

/// The bytes that a request carries as a stream whose pieces stay in JavaScript: counted, compared
/// with the promised length and, where the platform hashes by itself, with the digest.
pub(super) fn leaving(
    stream: ReadableStream,
    outgoing: &Outgoing,
) -> Result<(ReadableStream, Fault)> {
    let fault = Fault::default();
    let expected = outgoing
        .expected
        .filter(|_| outgoing.from == 0 && Hashing::is_native());
    let leaving = Leaving {
        reading: Reading::new(Pump::new(stream, None, None, AbortOnDrop::nothing())?),
        hashing: expected.map(|digest| (digest, Hashing::new(digest.algorithm()))),
        left: 0,
        length: outgoing.length,
        sent: Rc::clone(&outgoing.sent),
        fault: Rc::clone(&fault),
    };
    (outgoing.sent)(0);
    let broken = |exception| exception::error(Code::Internal, exception);
    let stream = pull::pulled(leaving, |error| {
        exception::original(error).unwrap_or_else(|| js_sys::Error::new(&error.to_string()).into())
    });
    Ok((stream.map_err(broken)?, fault))
}

struct Leaving {
    reading: Reading,
    hashing: Option<(Digest, Hashing)>,
    left: u64,
    length: u64,
    sent: Rc<dyn Fn(u64)>,
    fault: Fault,
}

impl Leaving {
    async fn advance(&mut self, controller: &Controller) -> Result<()> {
        let closed = |exception| exception::error(Code::Cancelled, exception);
        if self.left == self.length {
            return controller.close().map_err(closed);
        }
        let Some(piece) = self.reading.next().await? else {
            return Err(other_length(self.length, self.left));
        };
        let left = self.left + u64::from(piece.length());
        if left > self.length {
            return Err(other_length(self.length, left));
        }
        if let Some((_, hashing)) = &mut self.hashing {
            hashing.update(&piece)?;
        }
        if left == self.length {
            while let Some(more) = self.reading.next().await? {
                if more.length() > 0 {
                    return Err(other_length(self.length, left + u64::from(more.length())));
                }
            }
            if let Some((expected, hashing)) = self.hashing.take() {
                same_digest(expected, hashing.finish()?.0)?;
            }
        }
        self.left = left;
        controller.enqueue(&piece).map_err(closed)?;
        (self.sent)(left);
        if left == self.length {
            controller.close().map_err(closed)?;
        }
        Ok(())
    }
}

impl Pull for Leaving {
    fn pull<'a>(&'a mut self, controller: &'a Controller) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let pulled = self.advance(controller).await;
            if let Err(error) = &pulled {
                self.fault.borrow_mut().get_or_insert_with(|| error.clone());
            }
            pulled
        })
    }
}

/// The error for what a source of the caller's threw: it comes out as itself.
fn theirs(exception: JsValue) -> Error {
    exception::of_caller(Code::Cancelled, exception)
}

/// Byte numbers are whole and far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "no blob has 2^53 bytes")]
fn number(value: u64) -> f64 {
    value as f64
}
