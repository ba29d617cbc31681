//! No wait for ever: answers and bodies against the clock, bodies against a cap.

use std::{future::Future, pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt,
    future::{Either, select},
};

use crate::{
    error::{Code, Error, Result},
    io::{Body, Io},
};

/// What `future` gives, or `None` where it takes longer than `longest`.
pub(super) async fn within<I: Io, F: Future>(
    io: &I,
    longest: Duration,
    future: F,
) -> Option<F::Output> {
    match select(pin!(future), pin!(io.sleep(longest))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}

/// Reads a body whole.
///
/// # Errors
///
/// `too_large` above `limit` bytes, `timeout` where it falls silent for `idle`, `truncated` where
/// it ends before the length it promised.
pub(super) async fn whole<I: Io>(
    io: &I,
    body: I::Body,
    limit: u64,
    idle: Duration,
) -> Result<Bytes> {
    let promised = body.length();
    if promised.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut gathered = BytesMut::new();
    let mut pieces = pin!(body.stream());
    loop {
        match within(io, idle, pieces.next()).await {
            None => {
                let found = format!("the answer fell silent for {} s", idle.as_secs());
                return Err(Error::new(Code::Timeout, found).next("try again later"));
            }
            Some(None) => break,
            Some(Some(piece)) => {
                let piece = piece?;
                if (gathered.len() + piece.len()) as u64 > limit {
                    return Err(too_large(limit));
                }
                gathered.extend_from_slice(&piece);
            }
        }
    }
    match promised {
        Some(length) if (gathered.len() as u64) < length => Err(Error::new(
            Code::Truncated,
            format!(
                "the answer ended after {} of {length} bytes",
                gathered.len()
            ),
        )
        .next("try again")),
        _ => Ok(gathered.freeze()),
    }
}

/// Reads the beginning of a refusal, which is shown to people and whose end does not matter.
pub(super) async fn beginning<I: Io>(io: &I, body: I::Body, limit: u64, idle: Duration) -> Bytes {
    let mut gathered = BytesMut::new();
    let mut pieces = pin!(body.stream());
    while let Some(Some(Ok(piece))) = within(io, idle, pieces.next()).await {
        gathered.extend_from_slice(&piece);
        if gathered.len() as u64 >= limit {
            gathered.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            break;
        }
    }
    gathered.freeze()
}

fn too_large(limit: u64) -> Error {
    Error::new(
        Code::TooLarge,
        format!("the answer is larger than the {limit} bytes allowed for it"),
    )
}
