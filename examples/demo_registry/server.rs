//! A small HTTP/1.1 server around the registry, on one thread.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::control;
use crate::options::Options;
use crate::registry::{Content, Outcome, Registry, State, seed};

/// Where `--big-blob` is kept.
const BIG_BLOB: &str = "bench/blob";

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Serves until a signal comes, or the parent goes.
pub(crate) async fn run(options: Options) -> Result<(), String> {
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "port {} is in use: end what listens there, or choose another with --port",
                options.port
            ),
            _ => format!("cannot listen on port {}: {error}", options.port),
        })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let server = Server::new(options);
    if let Some(digest) = server.big_blob_digest() {
        println!("big blob at {BIG_BLOB}@{digest}");
    }
    println!("listening on http://{address}");
    let ended = ended(server.options.exit_with_parent);
    let mut ended = std::pin::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => return Ok(()),
            accepted = listener.accept() => {
                // a client that is gone before it was accepted is its own business
                if let Ok((connection, _)) = accepted {
                    let _ = connection.set_nodelay(true);
                    tokio::task::spawn_local(serve(TokioIo::new(connection), Rc::clone(&server)));
                }
            }
        }
    }
}

async fn serve(connection: TokioIo<tokio::net::TcpStream>, server: Rc<Server>) {
    let service = service_fn(move |request| Rc::clone(&server).answer(request));
    // an error here is a client that went, or a fault that closes the connection
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(connection, service)
        .await;
}

struct Server {
    options: Options,
    registry: RefCell<Registry>,
    big_blob: Option<(String, Content)>,
    /// How far this registry's clock is from the machine's.
    offset: time::Duration,
}

impl Server {
    fn new(options: Options) -> Rc<Self> {
        let machine = machine_time();
        let big_blob = options.big_blob.map(|size| {
            let content = Content::pattern(size);
            (content.digest(), content)
        });
        let mut server = Self {
            offset: options
                .now
                .map_or(time::Duration::ZERO, |now| now - machine),
            registry: RefCell::new(Registry::new(options.profile.clone(), State::default())),
            big_blob,
            options,
        };
        server.registry = RefCell::new(server.fresh());
        Rc::new(server)
    }

    /// The registry as it is at the start.
    fn fresh(&self) -> Registry {
        let profile = self.options.profile.clone();
        let mut state = if self.options.empty {
            State::default()
        } else {
            seed::shop(&profile, self.now())
        };
        if let Some((digest, content)) = &self.big_blob {
            let blobs = &mut state.repository(BIG_BLOB).blobs;
            blobs.insert(digest.clone(), content.clone());
        }
        let mut registry = Registry::new(profile, state);
        for fault in &self.options.faults {
            registry.faults.add(fault.clone());
        }
        registry
    }

    fn big_blob_digest(&self) -> Option<&str> {
        self.big_blob.as_ref().map(|(digest, _)| digest.as_str())
    }

    fn now(&self) -> OffsetDateTime {
        machine_time() + self.offset
    }

    /// An error closes the connection.
    async fn answer(self: Rc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let request = Request::from_parts(parts, body);
        let delivery = {
            let mut registry = self.registry.borrow_mut();
            if let Some(response) = control::answer(&request, &mut registry, || self.fresh()) {
                return Ok(response.map(|content| sent(&content, u64::MAX, false, Duration::ZERO)));
            }
            registry.exchange(&request, self.now())
        };
        tokio::time::sleep(delivery.delay).await;
        let pace = delivery.pace;
        match delivery.outcome {
            Outcome::Answered(response) => {
                Ok(response.map(|content| sent(&content, u64::MAX, false, pace)))
            }
            Outcome::CutOff {
                response,
                after,
                silent,
            } => Ok(response.map(|content| sent(&content, after, silent, pace))),
            Outcome::Dropped => Err(io::Error::other("a fault closes this connection")),
            Outcome::Hung => std::future::pending().await,
        }
    }
}

/// The first `after` bytes of a body, each piece after its pause, then silence or a closed connection where more was promised.
fn sent(content: &Content, after: u64, silent: bool, pace: Duration) -> Body {
    let arrives = content.slice(0, after);
    let missing = arrives.length() < content.length();
    let end = async move {
        if missing && silent {
            std::future::pending::<Infallible>().await;
        }
        if missing {
            // hyper throws away what it has not yet sent when a body fails
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        missing.then(|| Err(io::Error::other("a fault cuts this body off")))
    };
    let pieces: Box<dyn Iterator<Item = Bytes> + Send> = if pace.is_zero() {
        Box::new(arrives.pieces())
    } else {
        Box::new(arrives.drops())
    };
    let pieces = stream::iter(pieces).then(move |piece| async move {
        if !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
        Ok(Frame::data(piece))
    });
    let frames = pieces.chain(stream::once(end).filter_map(std::future::ready));
    StreamBody::new(frames).boxed_unsync()
}

/// Ends with SIGTERM or SIGINT, and with the parent where that was asked for.
async fn ended(with_parent: bool) {
    let terminated = signal(SignalKind::terminate());
    let interrupted = signal(SignalKind::interrupt());
    let (Ok(mut terminated), Ok(mut interrupted)) = (terminated, interrupted) else {
        return;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
        () = orphaned(), if with_parent => {}
    }
}

/// Ends when another process has taken the parent's place.
async fn orphaned() {
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this program that reads the clock"
)]
fn machine_time() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
