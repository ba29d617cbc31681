//! The one pump: a BYOB reader of 256 KiB, which costs a fraction of a default reader.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use js_sys::{ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStream;

use super::{exception, fetch::AbortOnDrop, timer};
use crate::{
    error::{Code, Error, Result},
    io::fell_silent,
};

const PIECE: u32 = 256 << 10;

#[wasm_bindgen]
extern "C" {
    type Source;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn default_reader(this: &Source) -> Result<Reader, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn byob_reader(this: &Source, options: &Object) -> Result<Reader, JsValue>;

    type Reader;

    #[wasm_bindgen(method, catch, js_name = read)]
    fn read_into(this: &Reader, view: &Uint8Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = read)]
    fn read_any(this: &Reader) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;

    type Read;

    #[wasm_bindgen(method, getter)]
    fn done(this: &Read) -> bool;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Read) -> JsValue;
}

/// Reads a stream piece by piece, and checks its length at the end; waits for no piece longer than
/// `idle`. Dropping it gives the rest up.
pub(super) struct Pump {
    reader: Reader,
    byob: bool,
    buffer: Option<ArrayBuffer>,
    length: Option<u64>,
    idle: Option<Duration>,
    seen: u64,
    abort: AbortOnDrop,
}

impl Pump {
    pub(super) fn new(
        stream: ReadableStream,
        length: Option<u64>,
        idle: Option<Duration>,
        abort: AbortOnDrop,
    ) -> Result<Self> {
        let stream: Source = JsValue::from(stream).unchecked_into();
        let options = Object::new();
        let broken = |exception| exception::error(Code::Internal, exception);
        Reflect::set(&options, &"mode".into(), &"byob".into()).map_err(broken)?;
        let (reader, byob) = match stream.byob_reader(&options) {
            Ok(reader) => (reader, true),
            // not a byte stream: an injected fetch, or an older browser
            Err(_) => (stream.default_reader().map_err(broken)?, false),
        };
        Ok(Self {
            reader,
            byob,
            buffer: None,
            length,
            idle,
            seen: 0,
            abort,
        })
    }

    /// The next piece, which stays in JavaScript's memory.
    pub(super) async fn next(&mut self) -> Result<Option<Uint8Array>> {
        let broken = |exception| exception::error(Code::Truncated, exception);
        let promise = if self.byob {
            let buffer = self
                .buffer
                .take()
                .unwrap_or_else(|| ArrayBuffer::new(PIECE));
            self.reader.read_into(&Uint8Array::new(&buffer))
        } else {
            self.reader.read_any()
        };
        let reading = JsFuture::from(promise.map_err(broken)?);
        let read = match self.idle {
            None => reading.await,
            Some(idle) => match select(reading, pin!(timer::sleep(idle))).await {
                Either::Left((read, _)) => read,
                Either::Right(_) => return Err(fell_silent(idle)),
            },
        };
        let read = read.map_err(broken)?;
        let read: Read = read.unchecked_into();
        if read.done() {
            self.abort.disarm();
            return match self.length {
                Some(length) if self.seen < length => {
                    let found = format!("the body ended after {} of {length} bytes", self.seen);
                    Err(Error::new(Code::Truncated, found).next(exception::TRUNCATED))
                }
                _ => Ok(None),
            };
        }
        let piece: Uint8Array = read.value().dyn_into().map_err(|_| {
            Error::new(
                Code::UpstreamError,
                "the body's stream holds something else than bytes",
            )
        })?;
        self.seen = self.seen.saturating_add(u64::from(piece.length()));
        Ok(Some(piece))
    }

    /// Gives the rest up, for a stream that no request stands behind.
    pub(super) fn cancel(&self) -> Option<Promise> {
        self.reader.cancel().ok()
    }

    /// Takes a piece back that was copied, to read into its memory again.
    pub(super) fn recycle(&mut self, piece: &Uint8Array) {
        if self.byob {
            self.buffer = Some(piece.buffer());
        }
    }
}

#[wasm_bindgen]
extern "C" {
    /// The controller of a `ReadableStream` that is made here.
    pub(super) type Controller;

    #[wasm_bindgen(method, catch)]
    pub(super) fn enqueue(this: &Controller, piece: &Uint8Array) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn close(this: &Controller) -> Result<(), JsValue>;
}

/// A `ReadableStream` that asks `pull` for each piece and holds none in advance.
pub(super) fn readable(pull: &Function, cancel: &Function) -> Result<ReadableStream, JsValue> {
    let source = Object::new();
    Reflect::set(&source, &"pull".into(), pull)?;
    Reflect::set(&source, &"cancel".into(), cancel)?;
    let strategy = web_sys::QueuingStrategy::new();
    strategy.set_high_water_mark(0.0);
    ReadableStream::new_with_underlying_source_and_strategy(&source, &strategy)
}
