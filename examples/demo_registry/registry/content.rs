//! The bytes of a blob or a body: held, or made up while they are read.

use bytes::Bytes;
use sha2::{Digest as _, Sha256, Sha512};

/// The length of the block that a [`Content::Pattern`] repeats: a prime, so that no two reads of a
/// common buffer size look the same.
const BLOCK: u64 = 1_048_573;

/// Bytes that need not be in memory all at once.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Bytes held.
    Held(Bytes),
    /// Bytes of a fixed pattern, for a blob larger than memory should hold.
    Pattern {
        /// One block of the pattern, shared by every part of it.
        block: Bytes,
        /// Where in the pattern the content starts.
        start: u64,
        /// How long it is.
        length: u64,
    },
}

impl Content {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self::Held(Bytes::new());

    /// `length` bytes of the pattern, the same on every machine.
    pub(crate) fn pattern(length: u64) -> Self {
        let mut value = 0x9E37_79B9_7F4A_7C15_u64;
        let block = std::iter::repeat_with(|| {
            value ^= value << 13;
            value ^= value >> 7;
            value ^= value << 17;
            value.to_be_bytes()
        })
        .flatten()
        .take(usize::try_from(BLOCK).unwrap_or(usize::MAX))
        .collect();
        Self::Pattern {
            block,
            start: 0,
            length,
        }
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Pattern { length, .. } => *length,
        }
    }

    /// `length` bytes from `from` on, cut where the content ends.
    pub(crate) fn slice(&self, from: u64, length: u64) -> Self {
        let from = from.min(self.length());
        let length = length.min(self.length() - from);
        match self {
            Self::Held(bytes) => {
                let (from, length) = (as_index(from), as_index(length));
                Self::Held(bytes.slice(from..from + length))
            }
            Self::Pattern { block, start, .. } => Self::Pattern {
                block: block.clone(),
                start: start + from,
                length,
            },
        }
    }

    /// The bytes in order, in pieces of at most about 64 KiB, without copying them.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        const PIECE: u64 = 65_536;
        let mut rest = self.clone();
        std::iter::from_fn(move || {
            let piece = match &rest {
                Self::Held(bytes) => bytes.slice(..bytes.len().min(as_index(PIECE))),
                Self::Pattern {
                    block,
                    start,
                    length,
                } => {
                    let at = start % BLOCK;
                    let end = at + PIECE.min(*length).min(BLOCK - at);
                    block.slice(as_index(at)..as_index(end))
                }
            };
            rest = rest.slice(piece.len() as u64, u64::MAX);
            (!piece.is_empty()).then_some(piece)
        })
    }

    /// The bytes in eight pieces, or as many as they make, for a body that trickles.
    pub(crate) fn drops(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        let content = self.clone();
        let size = content.length().div_ceil(8).max(1);
        let count = content.length().div_ceil(size);
        (0..count).map(move |number| content.slice(number * size, size).bytes())
    }

    /// All bytes in one buffer.
    pub(crate) fn bytes(&self) -> Bytes {
        match self {
            Self::Held(bytes) => bytes.clone(),
            Self::Pattern { .. } => self.pieces().flatten().collect(),
        }
    }

    /// The digest of the bytes, `sha256:<64 hex>`.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.pieces().for_each(|piece| hash.update(&piece));
        format!("sha256:{}", hex(&hash.finalize()))
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Held(bytes.into())
    }
}

/// The digest of `bytes`, `sha256:<64 hex>`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// Whether `digest`, by sha256 or sha512, is that of `bytes`.
pub(crate) fn is_digest_of(named: &str, bytes: &[u8]) -> bool {
    named == digest(bytes) || named == format!("sha512:{}", hex(&Sha512::digest(bytes)))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn as_index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
