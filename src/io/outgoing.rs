//! What is sent, and can be sent again.

use std::{any::Any, cell::Cell, rc::Rc};

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture, stream, stream::LocalBoxStream};

use crate::{
    error::{Code, Error, Result},
    oci::{Algorithm, Digest, Hasher},
};

/// Bytes to be sent, which can be opened again as often as a connection breaks.
///
/// It is a factory and not a stream, because a stream that was half sent is gone. Each opening must
/// give the same bytes.
///
/// # Examples
///
/// ```
/// use portreeve::io::{InMemory, Source};
///
/// let layer = InMemory("layer".into());
/// assert_eq!(layer.size(), Some(5));
/// ```
pub trait Source: 'static {
    /// How many bytes it has, where that is known before it is read.
    fn size(&self) -> Option<u64>;

    /// Opens it at the byte number `from`, counted from 0.
    fn open(&self, from: u64) -> LocalBoxStream<'static, Result<Bytes>>;

    /// The digest by that algorithm and the length of the whole; reads it once.
    fn digest(&self, algorithm: Algorithm) -> LocalBoxFuture<'static, Result<(Digest, u64)>> {
        let mut pieces = self.open(0);
        async move {
            let (mut hasher, mut seen) = (Hasher::new(algorithm), 0);
            while let Some(piece) = pieces.next().await {
                let piece = piece?;
                hasher.update(&piece);
                seen += piece.len() as u64;
            }
            Ok((hasher.finish(), seen))
        }
        .boxed_local()
    }

    /// Itself, so that a platform knows its own kind of source and sends it without looking at the
    /// bytes.
    fn as_any(&self) -> &dyn Any;
}

/// A source that is here already.
#[derive(Debug, Clone)]
#[allow(
    clippy::exhaustive_structs,
    reason = "it is these bytes and nothing else"
)]
pub struct InMemory(pub Bytes);

impl Source for InMemory {
    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn open(&self, from: u64) -> LocalBoxStream<'static, Result<Bytes>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let rest = self.0.slice(from.min(self.0.len())..);
        stream::iter((!rest.is_empty()).then_some(Ok(rest))).boxed_local()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The part of a source that one request carries.
#[derive(Clone)]
#[non_exhaustive]
pub struct Outgoing {
    /// Where the bytes come from.
    pub source: Rc<dyn Source>,
    /// The first byte's number.
    pub from: u64,
    /// How many bytes.
    pub length: u64,
    /// The digest of all of the source, where it is to be compared before the last piece leaves.
    /// Only a request that carries all of it can do that.
    pub expected: Option<Digest>,
    /// Called with the number of bytes that have left so far: with 0 when the source is opened, and
    /// never by a platform that does not show them leaving.
    pub sent: Rc<dyn Fn(u64)>,
}

impl Outgoing {
    /// These bytes of a source, which nobody watches.
    #[must_use]
    pub fn new(source: Rc<dyn Source>, from: u64, length: u64) -> Self {
        Self {
            source,
            from,
            length,
            expected: None,
            sent: Rc::new(|_| {}),
        }
    }

    /// The bytes to send. The stream ends with an error before its last piece where the source
    /// gives other bytes than it promised.
    #[must_use]
    pub fn pieces(&self) -> LocalBoxStream<'static, Result<Bytes>> {
        let expected = self.expected.filter(|_| self.from == 0);
        let state = Leaving {
            pieces: self.source.open(self.from),
            hasher: expected.map(|digest| (digest, Hasher::new(digest.algorithm()))),
            left: Cell::new(0),
            length: self.length,
            is_all: self.source.size() == Some(self.from + self.length),
            sent: Rc::clone(&self.sent),
        };
        (self.sent)(0);
        stream::try_unfold(state, |mut state| async move {
            Ok(state.next().await?.map(|piece| (piece, state)))
        })
        .boxed_local()
    }

    /// The bytes to send, all of them.
    ///
    /// # Errors
    ///
    /// Those of [`Outgoing::pieces`].
    pub async fn gather(&self) -> Result<Bytes> {
        let mut pieces = self.pieces();
        let mut gathered = BytesMut::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if gathered.is_empty() && piece.len() as u64 == self.length {
                return Ok(piece);
            }
            gathered.extend_from_slice(&piece);
        }
        Ok(gathered.freeze())
    }
}

struct Leaving {
    pieces: LocalBoxStream<'static, Result<Bytes>>,
    hasher: Option<(Digest, Hasher)>,
    left: Cell<u64>,
    length: u64,
    /// Whether nothing of the source may come behind these bytes.
    is_all: bool,
    sent: Rc<dyn Fn(u64)>,
}

impl Leaving {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let left = self.left.get();
        if left == self.length {
            return Ok(None);
        }
        let Some(piece) = self.pieces.next().await.transpose()? else {
            return Err(other_length(self.length, left));
        };
        let rest = self.length - left;
        let piece = if piece.len() as u64 <= rest {
            piece
        } else if self.is_all {
            return Err(other_length(self.length, left + piece.len() as u64));
        } else {
            piece.slice(..usize::try_from(rest).unwrap_or(usize::MAX))
        };
        let left = left + piece.len() as u64;
        if let Some((_, hasher)) = &mut self.hasher {
            hasher.update(&piece);
        }
        if left == self.length {
            if self.is_all && self.has_more().await? {
                return Err(other_length(self.length, left + 1));
            }
            if let Some((expected, hasher)) = self.hasher.take() {
                same_digest(expected, hasher.finish())?;
            }
        }
        self.left.set(left);
        (self.sent)(left);
        Ok(Some(piece))
    }

    async fn has_more(&mut self) -> Result<bool> {
        while let Some(piece) = self.pieces.next().await {
            if !piece?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The error for a source that has not the length it promised; `found` may be how far it was read.
pub(crate) fn other_length(promised: u64, found: u64) -> Error {
    let how = if found < promised {
        "ended after"
    } else {
        "has at least"
    };
    let found = format!("the source {how} {found} bytes and promised {promised}");
    Error::new(Code::InvalidArgument, found)
        .next("give the length that it has, and the same bytes each time it is opened")
}

/// Compares the digest that was promised for a source with the one that it has.
pub(crate) fn same_digest(promised: Digest, found: Digest) -> Result<()> {
    if promised == found {
        return Ok(());
    }
    let found = format!("the source was to be {promised} and is {found}");
    Err(Error::new(Code::DigestMismatch, found)
        .next("give the digest that it has; nothing was stored"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of three bytes, and a promise that nothing checks.
    struct Promising(Option<u64>, &'static [u8]);

    impl Source for Promising {
        fn size(&self) -> Option<u64> {
            self.0
        }

        fn open(&self, from: u64) -> LocalBoxStream<'static, Result<Bytes>> {
            let from = usize::try_from(from).unwrap();
            stream::iter(self.1[from..].chunks(3).map(|piece| Ok(piece.into()))).boxed_local()
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    fn gathered(outgoing: &Outgoing) -> Result<Bytes, Code> {
        let gathered = outgoing.gather().now_or_never().unwrap();
        gathered.map_err(|error| error.code())
    }

    #[test]
    fn a_part_is_sent_as_often_as_it_is_asked_for() {
        let source: Rc<dyn Source> = Rc::new(Promising(Some(10), b"0123456789"));
        for (from, length, expected) in [(0, 10, "0123456789"), (4, 6, "456789"), (2, 5, "23456")] {
            let outgoing = Outgoing::new(Rc::clone(&source), from, length);
            assert_eq!(gathered(&outgoing).unwrap(), expected);
            assert_eq!(gathered(&outgoing).unwrap(), expected, "again");
        }
    }

    #[test]
    fn a_source_that_breaks_its_promise_never_gives_its_last_piece() {
        let digest = Digest::of(b"0123456789");
        for (row, promised, bytes, expected) in [
            ("as promised", 10, &b"0123456789"[..], None),
            ("too short", 10, b"012345678", Some(Code::InvalidArgument)),
            ("too long", 10, b"0123456789A", Some(Code::InvalidArgument)),
            (
                "a piece too long",
                9,
                b"0123456789AB",
                Some(Code::InvalidArgument),
            ),
            ("other bytes", 10, b"012345678X", Some(Code::DigestMismatch)),
        ] {
            let source = Rc::new(Promising(Some(promised), bytes));
            let mut outgoing = Outgoing::new(source, 0, promised);
            outgoing.expected = Some(digest);
            let left = Rc::new(Cell::new(0));
            let seen = Rc::clone(&left);
            outgoing.sent = Rc::new(move |sent| seen.set(sent));
            assert_eq!(gathered(&outgoing).err(), expected, "{row}");
            assert_eq!(left.get() == promised, expected.is_none(), "{row}");
        }
    }

    #[test]
    fn a_source_is_hashed_by_either_algorithm() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let found = Promising(None, b"hello").digest(algorithm).now_or_never();
            assert_eq!(found.unwrap().unwrap(), (algorithm.digest_of(b"hello"), 5));
        }
    }
}
