//! No wait for ever: answers and bodies against the clock, bodies against a cap.

use std::{future::Future, pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt,
    future::{Either, select},
};

use crate::{
    error::{Code, Error, Result},
    io::{Body, Io, fell_silent},
    limits::Limits,
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

/// How long a body may take.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Longest silence.
    pub(super) idle: Duration,
    /// Longest time for all of it.
    pub(super) whole: Duration,
}

impl Patience {
    /// For an answer that is read after its request was done.
    pub(super) fn of(limits: &Limits) -> Self {
        Self {
            idle: limits.idle,
            whole: limits.deadline,
        }
    }
}

/// The next piece of a body, or why there is none in time; `until` is of the platform's clock.
async fn next<I: Io, F: Future>(
    io: &I,
    patience: Patience,
    until: Duration,
    piece: F,
) -> Result<F::Output> {
    let left = until.saturating_sub(io.clock());
    let longest = patience.idle.min(left);
    within(io, longest, piece).await.ok_or_else(|| {
        if longest == patience.idle {
            return fell_silent(patience.idle);
        }
        let found = "the answer took longer than the request may";
        Error::new(Code::Timeout, found).next("try again later, or give it more time")
    })
}

/// Reads a body whole.
///
/// # Errors
///
/// `too_large` above `limit` bytes, `timeout` where patience ends, `truncated` where it ends before
/// the length it promised.
pub(super) async fn whole<I: Io>(
    io: &I,
    body: I::Body,
    limit: u64,
    patience: Patience,
) -> Result<Bytes> {
    let promised = body.length();
    if promised.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let until = io.clock() + patience.whole;
    let mut gathered = BytesMut::new();
    let mut pieces = pin!(body.stream());
    loop {
        match next(io, patience, until, pieces.next()).await? {
            None => break,
            Some(piece) => {
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
pub(super) async fn beginning<I: Io>(
    io: &I,
    body: I::Body,
    limit: u64,
    patience: Patience,
) -> Bytes {
    let until = io.clock() + patience.whole;
    let mut gathered = BytesMut::new();
    let mut pieces = pin!(body.stream());
    while let Ok(Some(Ok(piece))) = next(io, patience, until, pieces.next()).await {
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

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::{FutureExt, Stream, stream};
    use http::{Request, Response};

    use super::*;
    use crate::{oci::Digest, timestamp::Timestamp};

    const PATIENCE: Patience = Patience {
        idle: Duration::from_mins(1),
        whole: Duration::from_mins(2),
    };

    /// A platform on which no time passes.
    #[derive(Clone)]
    struct Still;

    /// Pieces, and a promise that nothing below checks.
    struct Pieces(Option<u64>, Vec<&'static str>);

    impl Io for Still {
        type Body = Pieces;

        fn fetch(
            &self,
            _: Request<Bytes>,
        ) -> impl Future<Output = Result<Response<Pieces>>> + 'static {
            pending()
        }

        fn sleep(&self, _: Duration) -> impl Future<Output = ()> + 'static {
            pending()
        }

        fn now(&self) -> Timestamp {
            Timestamp::default()
        }

        fn random(&self) -> u64 {
            0
        }

        fn clock(&self) -> Duration {
            Duration::ZERO
        }
    }

    impl Body for Pieces {
        fn length(&self) -> Option<u64> {
            self.0
        }

        fn from_bytes(_: Bytes) -> Self {
            Self(None, Vec::new())
        }

        fn bytes(self, _: u64) -> impl Future<Output = Result<Bytes>> + 'static {
            ready(Ok(Bytes::new()))
        }

        fn stream(self) -> impl Stream<Item = Result<Bytes>> + 'static {
            stream::iter(self.1).map(|piece| Ok(Bytes::from(piece)))
        }

        fn verified(self, _: &Digest, _: Option<u64>) -> Self {
            self
        }
    }

    fn read(promised: Option<u64>, pieces: &[&'static str], limit: u64) -> Result<Bytes> {
        let body = Pieces(promised, pieces.to_vec());
        whole(&Still, body, limit, PATIENCE).now_or_never().unwrap()
    }

    #[test]
    fn a_body_is_whole_or_an_error_whatever_it_promised() {
        for (row, promised, pieces, limit, expected) in [
            ("as promised", Some(4), &["ab", "cd"][..], 4, Ok("abcd")),
            ("nothing promised", None, &["ab", "cd"], 4, Ok("abcd")),
            ("too much promised", Some(5), &[], 4, Err(Code::TooLarge)),
            (
                "too much sent",
                None,
                &["ab", "cde"],
                4,
                Err(Code::TooLarge),
            ),
            (
                "more than promised",
                Some(1),
                &["abc", "de"],
                4,
                Err(Code::TooLarge),
            ),
            (
                "less than promised",
                Some(4),
                &["ab"],
                4,
                Err(Code::Truncated),
            ),
        ] {
            let outcome = read(promised, pieces, limit).map_err(|error| error.code());
            assert_eq!(outcome, expected.map(Bytes::from), "{row}");
        }
    }

    #[test]
    fn of_a_refusal_only_the_beginning_is_read() {
        let body = Pieces(None, vec!["abc", "def", "ghi"]);
        let read = beginning(&Still, body, 5, PATIENCE).now_or_never().unwrap();
        assert_eq!(read, "abcde");
    }
}
