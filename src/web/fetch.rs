//! [`Io`] by the platform's `fetch`, clock and chance.

use std::{future::Future, rc::Rc, time::Duration};

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::{Method, Request, Response, StatusCode, header};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStream, RequestInit, RequestRedirect, WritableStream};

use super::{
    body::Body,
    exception, headers,
    look_up::LookUp,
    source::{self, Fault, JsSource},
    timer,
};
use crate::{
    auth::Credentials,
    connection::CROSS_ORIGIN,
    error::{Code, Error, Result},
    event::Event,
    io::{InMemory, Io, Outgoing, Redirects, Source},
    timestamp::Timestamp,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: web_sys::Crypto;

    type FixedLengthStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(length: js_sys::BigInt) -> Result<FixedLengthStream, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn readable(this: &FixedLengthStream) -> ReadableStream;

    #[wasm_bindgen(method, getter)]
    fn writable(this: &FixedLengthStream) -> WritableStream;

    type Performance;

    #[wasm_bindgen(method)]
    fn now(this: &Performance) -> f64;

    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static PERFORMANCE: Performance;
}

type Observer = Rc<dyn Fn(&Event)>;

/// The seam by `fetch`: the global one, or one that was handed in.
///
/// Redirects are answered by hand, except in browsers, which hide them.
#[derive(Clone)]
pub struct FetchIo {
    fetch: Option<Function>,
    look_up: Option<LookUp>,
    observer: Option<Observer>,
    platform: Platform,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Platform {
    Workerd,
    Node,
    Browser,
}

impl FetchIo {
    /// Sends by the `fetch` of the global scope.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetch: None,
            look_up: None,
            observer: None,
            platform: Platform::detect(),
        }
    }

    /// Tells `observer` of every request.
    #[must_use]
    pub fn observed(self, observer: impl Fn(&Event) + 'static) -> Self {
        Self {
            observer: Some(Rc::new(observer)),
            ..self
        }
    }

    /// Sends by this function, which has the signature of `fetch`.
    #[must_use]
    pub fn with_fetch(fetch: Function) -> Self {
        Self {
            fetch: Some(fetch),
            ..Self::new()
        }
    }

    /// The same, which looks credentials up here.
    #[must_use]
    pub fn with_credentials(self, look_up: Option<LookUp>) -> Self {
        Self { look_up, ..self }
    }

    fn init(
        &self,
        request: &Request<Bytes>,
        sending: &Sending,
        controller: &AbortController,
    ) -> Result<RequestInit> {
        let init = RequestInit::new();
        init.set_method(request.method().as_str());
        let headers = headers::write(request.headers())?;
        init.set_signal(Some(&controller.signal()));
        let method = request.method();
        let reads = matches!(*method, Method::GET | Method::HEAD);
        match self.redirects() {
            Redirects::ByHand => init.set_redirect(RequestRedirect::Manual),
            // what is sent may be for the first host alone
            Redirects::ByPlatform if !reads => init.set_redirect(RequestRedirect::Error),
            Redirects::ByPlatform => {}
        }
        if self.platform == Platform::Browser {
            // the user's cookies for a registry are none of ours; workerd knows no such field
            init.set_credentials(web_sys::RequestCredentials::Omit);
            // a page's agent is its browser, and another one would have to be asked for by CORS
            let _ = headers.delete(header::USER_AGENT.as_str());
        }
        match sending {
            Sending::Bytes if reads || *method == Method::DELETE => {}
            Sending::Bytes => init.set_body(&Uint8Array::from(request.body().as_ref())),
            Sending::Held(body) => init.set_body(body),
            Sending::Stream(stream, length) => {
                init.set_body(stream);
                // without its length it would be sent in chunks of no known end, and without this
                // word not at all
                let _ = headers.set(header::CONTENT_LENGTH.as_str(), &length.to_string());
                let _ = Reflect::set(&init, &"duplex".into(), &"half".into());
            }
        }
        init.set_headers(headers.as_ref());
        Ok(init)
    }

    fn start(&self, url: &str, init: &RequestInit) -> Result<Promise, JsValue> {
        match &self.fetch {
            None => global_fetch(url, init),
            Some(fetch) => fetch
                .call2(&JsValue::UNDEFINED, &url.into(), init)
                .map(|promise| Promise::resolve(&promise)),
        }
    }

    /// The body of an upload, and where what its source breaks with is found.
    async fn sending(&self, source: JsSource, outgoing: &Outgoing) -> Result<(Sending, Fault)> {
        if source.is_held() {
            // what is here is proven first: nobody sees it leave
            if let Some(expected) = outgoing.expected.filter(|_| outgoing.from == 0) {
                source.prove(expected).await?;
            }
            return Ok((Sending::Held(source.part(outgoing)?), Fault::default()));
        }
        let stream = source.stream(outgoing.from).await?;
        if self.platform == Platform::Workerd {
            let stream = fixed_length(&stream, outgoing.length)?;
            return Ok((Sending::Stream(stream, outgoing.length), Fault::default()));
        }
        let (stream, fault) = source::leaving(stream, outgoing)?;
        Ok((Sending::Stream(stream, outgoing.length), fault))
    }

    async fn send(self, request: Request<Bytes>, sending: Sending) -> Result<Response<Body>> {
        let url = request.uri().to_string();
        let in_page = self.platform == Platform::Browser;
        let unreachable = |exception| exception::of_fetch(exception, &url, in_page);
        let controller = AbortController::new().map_err(unreachable)?;
        let init = self.init(&request, &sending, &controller)?;
        let abort = AbortOnDrop(Some(controller));
        let promise = self.start(&url, &init).map_err(unreachable)?;
        let answer = JsFuture::from(promise).await.map_err(unreachable)?;
        let answer: web_sys::Response = answer.unchecked_into();
        let status = StatusCode::from_u16(answer.status()).map_err(|_| {
            // a browser shows a refused cross-origin answer as status 0
            Error::new(Code::Unreachable, "the platform hid the answer").next(CROSS_ORIGIN)
        })?;
        let headers = headers::read(&answer.headers())?;
        // the platform decodes what is encoded, and the length is of the encoded bytes
        let length = match headers.get(header::CONTENT_ENCODING) {
            Some(coding) if coding != "identity" => None,
            _ => length(&headers),
        };
        let body = Body::from_answer(answer.body(), length, abort);
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl Default for FetchIo {
    fn default() -> Self {
        Self::new()
    }
}

impl Io for FetchIo {
    type Body = Body;

    fn fetch(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Body>>> + 'static {
        self.clone().send(request, Sending::Bytes)
    }

    fn sends_whole(&self, source: &dyn Source) -> bool {
        let source = source.as_any();
        match source.downcast_ref::<JsSource>() {
            // a page sends no stream over HTTP/1.1
            Some(source) => source.is_held() || self.platform != Platform::Browser,
            None => source.is::<InMemory>(),
        }
    }

    fn upload(
        &self,
        request: Request<Bytes>,
        outgoing: Outgoing,
    ) -> impl Future<Output = Result<Response<Body>>> + 'static {
        let io = self.clone();
        async move {
            let source = outgoing.source.as_any().downcast_ref::<JsSource>().cloned();
            let Some(source) = source else {
                let bytes = outgoing.gather().await?;
                return io.send(request.map(|_| bytes), Sending::Bytes).await;
            };
            let (sending, fault) = io.sending(source, &outgoing).await?;
            let answer = io.send(request, sending).await;
            // what the platform says of a body that broke is not what it broke with
            match fault.take() {
                Some(fault) if answer.is_err() => Err(fault),
                _ => answer,
            }
        }
    }

    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        spawn_local(work);
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        timer::sleep(duration)
    }

    fn credentials(&self, host: &str) -> impl Future<Output = Result<Credentials>> + 'static {
        let found = self.look_up.as_ref().map(|look_up| look_up.call(host));
        async move {
            match found {
                Some(found) => found.await,
                None => Ok(Credentials::default()),
            }
        }
    }

    fn now(&self) -> Timestamp {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "JavaScript's dates are whole milliseconds within 2^53"
        )]
        Timestamp::from_milliseconds(js_sys::Date::now() as i64)
    }

    fn clock(&self) -> Duration {
        // NaN and what is negative cannot be; were it so, zero is as good a start
        Duration::try_from_secs_f64(PERFORMANCE.with(Performance::now) / 1000.0).unwrap_or_default()
    }

    fn observe(&self, event: &Event) {
        if let Some(observer) = &self.observer {
            observer(event);
        }
    }

    fn shares_waiting(&self) -> bool {
        self.platform != Platform::Workerd
    }

    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        let filled = CRYPTO.with(|crypto| {
            crypto
                .get_random_values_with_u8_array(&mut bytes)
                .map(|_| ())
        });
        match filled {
            Ok(()) => u64::from_ne_bytes(bytes),
            // jitter and names are all it is for
            Err(_) => js_sys::Math::random().to_bits(),
        }
    }

    fn redirects(&self) -> Redirects {
        match self.platform {
            Platform::Browser => Redirects::ByPlatform,
            Platform::Workerd | Platform::Node => Redirects::ByHand,
        }
    }
}

impl Platform {
    fn detect() -> Self {
        let global = js_sys::global();
        let at = |value: &JsValue, key: &str| {
            if value.is_object() {
                Reflect::get(value, &key.into()).unwrap_or_default()
            } else {
                JsValue::UNDEFINED
            }
        };
        let agent = at(&at(&global, "navigator"), "userAgent").as_string();
        if agent.as_deref() == Some("Cloudflare-Workers") {
            return Self::Workerd;
        }
        // Deno and Bun name a Node version too, and show redirects as Node does
        if at(&at(&at(&global, "process"), "versions"), "node").is_string() {
            return Self::Node;
        }
        Self::Browser
    }
}

/// What a request carries.
enum Sending {
    /// The bytes that are in it.
    Bytes,
    /// Bytes that JavaScript has.
    Held(JsValue),
    /// A stream of so many bytes.
    Stream(ReadableStream, u64),
}

/// The same stream, whose length workerd tells and holds it to.
fn fixed_length(stream: &ReadableStream, length: u64) -> Result<ReadableStream> {
    let broken = |exception| exception::error(Code::Internal, exception);
    let fixed = FixedLengthStream::new(length.into()).map_err(broken)?;
    let piped = stream.pipe_to(&fixed.writable());
    // where it breaks, the request that reads the other end does
    spawn_local(async move {
        let _ = JsFuture::from(piped).await;
    });
    Ok(fixed.readable())
}

/// Gives a request up, headers or body, unless it was [disarmed](AbortOnDrop::disarm).
#[derive(Debug)]
pub(super) struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    /// Where there is no request to give up.
    pub(super) const fn nothing() -> Self {
        Self(None)
    }

    pub(super) fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

fn length(headers: &http::HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
