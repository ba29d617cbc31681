use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::LocalBoxStream};

use crate::{
    error::Result,
    io::{Source, other_length},
    oci::{Algorithm, Digest, Hasher},
};

/// A source that is read piece by piece, hashed once, and opened again where the registry has less
/// than was sent.
pub(super) struct Reading {
    source: Rc<dyn Source>,
    pieces: LocalBoxStream<'static, Result<Bytes>>,
    /// The number of the next byte.
    pub(super) at: u64,
    /// What came and was not asked for yet.
    carried: Bytes,
    /// Whether nothing comes behind [`Reading::at`].
    pub(super) ended: bool,
    hasher: Hasher,
    /// How many bytes the hasher has seen.
    hashed: u64,
}

impl Reading {
    pub(super) fn of(source: Rc<dyn Source>, algorithm: Algorithm) -> Self {
        Self {
            pieces: source.open(0),
            source,
            at: 0,
            carried: Bytes::new(),
            ended: false,
            hasher: Hasher::new(algorithm),
            hashed: 0,
        }
    }

    /// The next `length` bytes, or fewer where it ends.
    pub(super) async fn next(&mut self, length: u64) -> Result<Bytes> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut gathered = BytesMut::new();
        while gathered.len() < length && self.carry().await? {
            let room = self.carried.len().min(length - gathered.len());
            let piece = self.carried.split_to(room);
            self.at += piece.len() as u64;
            if gathered.is_empty() && piece.len() == length {
                self.ended = !self.carry().await?;
                return Ok(piece);
            }
            gathered.extend_from_slice(&piece);
        }
        self.ended = !self.carry().await?;
        Ok(gathered.freeze())
    }

    /// Goes back, or on, to the byte number `to`. `last` is the piece that was given last.
    pub(super) fn go_to(&mut self, to: u64, last: &Bytes) {
        let begun = self.at - last.len() as u64;
        if (begun..=self.at).contains(&to) {
            let skipped = usize::try_from(to - begun).unwrap_or(usize::MAX);
            let mut kept = BytesMut::from(last.slice(skipped.min(last.len())..));
            kept.extend_from_slice(&self.carried);
            self.carried = kept.freeze();
        } else {
            self.pieces = self.source.open(to);
            self.carried = Bytes::new();
        }
        self.at = to;
        self.ended = false;
    }

    /// The digest of all of it, once it has ended.
    pub(super) fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }

    /// Whether there is something to give; reads where there is not.
    async fn carry(&mut self) -> Result<bool> {
        while self.carried.is_empty() {
            let Some(piece) = self.pieces.next().await.transpose()? else {
                return self.is_as_long_as_promised();
            };
            self.hash(&piece);
            self.carried = piece;
        }
        let known = self.at + self.carried.len() as u64;
        match self.source.size() {
            Some(promised) if known > promised => Err(other_length(promised, known)),
            _ => Ok(true),
        }
    }

    fn is_as_long_as_promised(&self) -> Result<bool> {
        match self.source.size() {
            Some(promised) if promised != self.at => Err(other_length(promised, self.at)),
            _ => Ok(false),
        }
    }

    /// Hashes what was not hashed before it was opened again.
    fn hash(&mut self, piece: &Bytes) {
        let end = self.at + piece.len() as u64;
        let fresh = end.saturating_sub(self.hashed.max(self.at));
        let known = piece.len() - usize::try_from(fresh).unwrap_or(piece.len());
        self.hasher.update(&piece.slice(known..));
        self.hashed = self.hashed.max(end);
    }
}
