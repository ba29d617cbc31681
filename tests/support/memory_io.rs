//! [`MemoryIo`]: the seam over a registry in memory, with a clock that moves only when nothing else
//! can.
//!
//! ```ignore
//! let io = MemoryIo::shop(Profile::demo());
//! io.fault(Fault::on("GET", "/v2/*/*/tags/list").status(429).header("retry-after", "2"));
//! let client = Client::new(io.clone(), settings)?;
//! let page = io.run(client.tags("shop/web").next_page())?;
//! assert_eq!(io.requests().len(), 2);
//! ```
//!
//! A future must be driven by [`MemoryIo::run`]: where it waits for a timer, the clock jumps there.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io::Read as _;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, future::LocalBoxFuture, stream};
use http::{Request, Response};
use portreeve::auth::Credentials;
use portreeve::error::{Code, Error, Result};
use portreeve::event::Event;
use portreeve::io::{Body, Io, Source};
use portreeve::oci::{Digest, Verifier};
use portreeve::timestamp::Timestamp;
use time::OffsetDateTime;

use crate::registry::{Content, Delivery, Entry, Fault, Outcome, Profile, Registry, State, seed};

/// A Tuesday noon: the time at which [`MemoryIo::shop`] starts.
pub(crate) const NOON: Timestamp = Timestamp::from_seconds(1_795_521_600);

/// Called before each request with its number, from 0, and the registry's state: what somebody else
/// does meanwhile.
type Interference = Box<dyn FnMut(usize, &Request<Bytes>, &mut State)>;

/// Network, clock and chance in memory. Clones share everything.
#[derive(Clone)]
pub(crate) struct MemoryIo(Rc<Shared>);

struct Shared {
    registry: RefCell<Registry>,
    interference: RefCell<Option<Interference>>,
    /// Since 1970.
    clock: Cell<Duration>,
    timers: RefCell<BTreeMap<(Duration, u64), Waker>>,
    sequence: Cell<u64>,
    latency: Cell<Duration>,
    in_flight: Cell<usize>,
    most_in_flight: Cell<usize>,
    credentials: RefCell<Result<Credentials>>,
    looked_up: RefCell<Vec<String>>,
    events: RefCell<Vec<Event>>,
    shares_waiting: Cell<bool>,
    sends_whole: Cell<bool>,
    /// What goes on by itself.
    spawned: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
}

impl MemoryIo {
    /// The demo registry's content behind the given profile, at [`NOON`].
    pub(crate) fn shop(profile: Profile) -> Self {
        let state = seed::shop(&profile, date_time(NOON));
        Self::new(profile, state, NOON)
    }

    /// A registry of this profile with this content, whatever host it is asked under.
    pub(crate) fn new(profile: Profile, state: State, now: Timestamp) -> Self {
        let seconds = u64::try_from(now.seconds()).expect("tests live after 1970");
        Self(Rc::new(Shared {
            registry: RefCell::new(Registry::new(profile, state)),
            interference: RefCell::new(None),
            clock: Cell::new(Duration::from_secs(seconds)),
            timers: RefCell::default(),
            sequence: Cell::new(0),
            latency: Cell::new(Duration::ZERO),
            in_flight: Cell::new(0),
            most_in_flight: Cell::new(0),
            credentials: RefCell::new(Ok(Credentials::default())),
            looked_up: RefCell::default(),
            events: RefCell::default(),
            shares_waiting: Cell::new(false),
            sends_whole: Cell::new(false),
            spawned: RefCell::default(),
        }))
    }

    /// Drives a future to its end, and then what it left to go on by itself. Whenever it waits, the
    /// clock jumps to the next timer.
    ///
    /// # Panics
    ///
    /// Where the future waits for something that will never come.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        let output = self.drive(future);
        loop {
            let spawned = self.0.spawned.borrow_mut().pop();
            let Some(spawned) = spawned else {
                return output;
            };
            self.drive(spawned);
        }
    }

    fn drive<F: Future>(&self, future: F) -> F::Output {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            if woken.0.swap(false, Ordering::Relaxed) {
                continue;
            }
            let next = self.0.timers.borrow_mut().pop_first();
            let ((at, _), timer) = next.expect("the future waits for what never comes");
            self.0.clock.set(self.0.clock.get().max(at));
            timer.wake();
        }
    }

    /// The registry: its profile, state, faults and log. Do not hold it across an await.
    pub(crate) fn registry(&self) -> RefMut<'_, Registry> {
        self.0.registry.borrow_mut()
    }

    /// Adds a fault.
    pub(crate) fn fault(&self, fault: Fault) {
        self.registry().faults.add(fault);
    }

    /// What somebody else does to the registry before each of our requests.
    pub(crate) fn before_each(
        &self,
        interference: impl FnMut(usize, &Request<Bytes>, &mut State) + 'static,
    ) {
        *self.0.interference.borrow_mut() = Some(Box::new(interference));
    }

    /// How long every answer takes from now on.
    pub(crate) fn set_latency(&self, latency: Duration) {
        self.0.latency.set(latency);
    }

    /// Moves the clock on.
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.clock.set(self.0.clock.get() + duration);
    }

    /// Every request so far, oldest first.
    pub(crate) fn requests(&self) -> Vec<Entry> {
        self.registry().entries.clone()
    }

    /// Every request so far with this method, as `path?query`.
    pub(crate) fn targets(&self, method: &str) -> Vec<String> {
        let entries = self.requests().into_iter();
        entries
            .filter(|entry| entry.method == method)
            .map(|entry| entry.target)
            .collect()
    }

    /// What a look-up of credentials finds from now on, after a second.
    pub(crate) fn know(&self, credentials: Result<Credentials>) {
        *self.0.credentials.borrow_mut() = credentials;
    }

    /// The hosts whose credentials were looked up, one entry a look-up.
    pub(crate) fn looked_up(&self) -> Vec<String> {
        self.0.looked_up.borrow().clone()
    }

    /// The most requests that were on their way at once.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.0.most_in_flight.get()
    }

    /// What the client told of its requests so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.events.borrow().clone()
    }

    /// Takes every body whole, and reads it while it is sent, as Node does.
    pub(crate) fn send_whole(&self) {
        self.0.sends_whole.set(true);
    }

    /// Lets clients wait for one another, as Node and browsers do and workerd must not.
    pub(crate) fn share_waiting(&self) {
        self.0.shares_waiting.set(true);
    }

    fn deliver(&self, request: &Request<Bytes>) -> Delivery {
        let mut registry = self.registry();
        if let Some(interference) = self.0.interference.borrow_mut().as_mut() {
            let number = registry.entries.len();
            interference(number, request, &mut registry.state);
        }
        registry.exchange(request, date_time(self.now()))
    }

    async fn wait(self, duration: Duration) {
        let at = self.0.clock.get() + duration;
        let sequence = self.0.sequence.replace(self.0.sequence.get() + 1);
        let mut timer = Timer {
            shared: Rc::clone(&self.0),
            key: (at, sequence),
            set: false,
        };
        poll_fn(|context| timer.poll(context)).await;
    }
}

impl Io for MemoryIo {
    type Body = MemoryBody;

    fn fetch(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<MemoryBody>>> + 'static {
        let io = self.clone();
        async move {
            let _flight = Flight::new(&io.0);
            let Delivery {
                delay,
                pace,
                outcome,
            } = io.deliver(&request);
            io.clone().wait(io.0.latency.get() + delay).await;
            let clock = Some(io);
            match outcome {
                Outcome::Answered(response) => Ok(decoded(response).map(|body| MemoryBody {
                    clock,
                    pace,
                    ..body
                })),
                Outcome::CutOff {
                    response,
                    after,
                    silent,
                } => Ok(response.map(|content| MemoryBody {
                    clock,
                    pace,
                    after,
                    silent,
                    ..MemoryBody::whole(content)
                })),
                Outcome::Dropped => Err(Error::new(Code::Unreachable, "the connection was closed")),
                Outcome::Hung => std::future::pending().await,
            }
        }
    }

    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        self.0.spawned.borrow_mut().push(work);
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        self.clone().wait(duration)
    }

    fn credentials(&self, host: &str) -> impl Future<Output = Result<Credentials>> + 'static {
        self.0.looked_up.borrow_mut().push(host.to_owned());
        let io = self.clone();
        async move {
            io.clone().wait(Duration::from_secs(1)).await;
            let known = io.0.credentials.borrow();
            known.clone()
        }
    }

    fn now(&self) -> Timestamp {
        let seconds = self.0.clock.get().as_secs();
        Timestamp::from_seconds(i64::try_from(seconds).expect("a time of this age"))
    }

    fn clock(&self) -> Duration {
        self.0.clock.get()
    }

    fn observe(&self, event: &Event) {
        self.0.events.borrow_mut().push(event.clone());
    }

    fn sends_whole(&self, _: &dyn Source) -> bool {
        self.0.sends_whole.get()
    }

    fn shares_waiting(&self) -> bool {
        self.0.shares_waiting.get()
    }

    fn random(&self) -> u64 {
        let sequence = self.0.sequence.replace(self.0.sequence.get() + 1);
        sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Counts a request for as long as its future lives.
struct Flight(Rc<Shared>);

impl Flight {
    fn new(shared: &Rc<Shared>) -> Self {
        let now = shared.in_flight.get() + 1;
        shared.in_flight.set(now);
        shared
            .most_in_flight
            .set(shared.most_in_flight.get().max(now));
        Self(Rc::clone(shared))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}

/// A timer that leaves the queue when its future is dropped.
struct Timer {
    shared: Rc<Shared>,
    key: (Duration, u64),
    set: bool,
}

impl Timer {
    /// Ready once the clock has taken it out of the queue, so that even a wait of no time lets
    /// others go first.
    fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        let mut timers = self.shared.timers.borrow_mut();
        if self.set && !timers.contains_key(&self.key) {
            return Poll::Ready(());
        }
        self.set = true;
        timers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.shared.timers.borrow_mut().remove(&self.key);
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A body in memory, which may break off, fall silent or trickle.
pub(crate) struct MemoryBody {
    content: Content,
    /// What the sender promised.
    length: Option<u64>,
    /// What a body that came over the network tells the time by.
    clock: Option<MemoryIo>,
    /// How long each piece takes.
    pace: Duration,
    /// How long a piece may take.
    idle: Duration,
    after: u64,
    silent: bool,
    expected: Option<(Digest, Option<u64>)>,
}

impl MemoryBody {
    fn whole(content: Content) -> Self {
        Self {
            length: Some(content.length()),
            clock: None,
            pace: Duration::ZERO,
            idle: Duration::MAX,
            content,
            after: u64::MAX,
            silent: false,
            expected: None,
        }
    }

    /// The pieces as they arrive, unverified.
    fn arriving(self) -> impl Stream<Item = Result<Bytes>> {
        let length = self.content.length();
        let arrives = self.content.slice(0, self.after);
        let pieces: Box<dyn Iterator<Item = Bytes>> = if self.pace.is_zero() {
            Box::new(arrives.pieces())
        } else {
            Box::new(arrives.drops())
        };
        let missing = arrives.length() < length;
        let silence = if self.silent {
            Duration::MAX
        } else {
            self.pace
        };
        let found = format!("the body ended after {} of {length} bytes", self.after);
        let end = missing.then(|| (silence, Err(Error::new(Code::Truncated, found))));
        let pace = self.pace;
        let (clock, idle) = (self.clock, self.idle);
        stream::iter(pieces.map(move |piece| (pace, Ok(piece))).chain(end)).then(
            move |(pause, piece)| {
                let clock = clock.clone();
                async move {
                    match (clock, pause.min(idle)) {
                        (_, Duration::ZERO) => {}
                        (Some(clock), wait) if wait < Duration::MAX => clock.wait(wait).await,
                        _ => std::future::pending().await,
                    }
                    if pause > idle {
                        return Err(Error::new(Code::Timeout, "the body fell silent"));
                    }
                    piece
                }
            },
        )
    }
}

impl Body for MemoryBody {
    fn length(&self) -> Option<u64> {
        self.length
    }

    fn from_bytes(bytes: Bytes) -> Self {
        Self::whole(Content::Held(bytes))
    }

    async fn bytes(self, limit: u64) -> Result<Bytes> {
        let mut pieces = Box::pin(self.stream());
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece?);
            if all.len() as u64 > limit {
                let found = format!("the body is longer than {limit} bytes");
                return Err(Error::new(Code::TooLarge, found));
            }
        }
        Ok(all.into())
    }

    fn stream(self) -> impl Stream<Item = Result<Bytes>> + 'static {
        let verifier = self
            .expected
            .map(|(digest, size)| Verifier::new(digest, size));
        let state = Some((Box::pin(self.arriving()), verifier, None));
        stream::unfold(state, |state| async move {
            let (mut arriving, mut verifier, mut held) = state?;
            loop {
                match arriving.next().await {
                    Some(Ok(piece)) => {
                        if let Some(verifier) = &mut verifier {
                            verifier.update(&piece);
                        }
                        // one piece stays behind until it is known not to be the last
                        if let Some(earlier) = held.replace(piece) {
                            return Some((Ok(earlier), Some((arriving, verifier, held))));
                        }
                    }
                    Some(Err(error)) => return Some((Err(error), None)),
                    None => {
                        if let Some(Err(error)) = verifier.map(Verifier::finish) {
                            return Some((Err(error), None));
                        }
                        return held.map(|last| (Ok(last), None));
                    }
                }
            }
        })
    }

    fn watched(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    fn verified(self, digest: &Digest, size: Option<u64>) -> Self {
        Self {
            expected: Some((*digest, size)),
            ..self
        }
    }
}

/// What every platform's `fetch` hands out: a compressed body comes uncompressed, and its length
/// is nobody's knowledge.
fn decoded(response: Response<Content>) -> Response<MemoryBody> {
    if response.headers().get("content-encoding").is_none() {
        return response.map(MemoryBody::whole);
    }
    response.map(|content| {
        let mut plain = Vec::new();
        let compressed = content.bytes();
        flate2::read::GzDecoder::new(&*compressed)
            .read_to_end(&mut plain)
            .expect("gzip, as the header says");
        MemoryBody {
            length: None,
            ..MemoryBody::whole(plain.into())
        }
    })
}

fn date_time(timestamp: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(timestamp.seconds()).expect("a time of this age")
}
