//! Comparing a content with the digest and the length that were promised for it.

use super::{Digest, Hasher};
use crate::error::{Code, Error};

/// Hashes a content that comes in pieces and compares it with what was promised.
///
/// # Examples
///
/// ```
/// use portreeve::oci::{Digest, Verifier};
/// let mut verifier = Verifier::new(Digest::of(b"hello"), Some(5));
/// verifier.update(b"hel");
/// verifier.update(b"lo");
/// assert!(verifier.finish().is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct Verifier {
    expected: Digest,
    size: Option<u64>,
    seen: u64,
    hasher: Hasher,
}

impl Verifier {
    /// Expects the content that `expected` names, `size` bytes long where that is known.
    #[must_use]
    pub fn new(expected: Digest, size: Option<u64>) -> Self {
        Self {
            expected,
            size,
            seen: 0,
            hasher: Hasher::new(expected.algorithm()),
        }
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.seen = self.seen.saturating_add(piece.len() as u64);
        self.hasher.update(piece);
    }

    /// How many bytes have come so far.
    #[must_use]
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether all the promised bytes are here, so that [`Verifier::finish`] can be asked before
    /// the last piece is handed on.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.size.is_some_and(|size| self.seen >= size)
    }

    /// Compares.
    ///
    /// # Errors
    ///
    /// `truncated` where bytes are missing, `digest_mismatch` where they are others.
    pub fn finish(self) -> Result<(), Error> {
        Self::compare(self.expected, self.size, self.hasher.finish(), self.seen)
    }

    /// The comparison alone, where the platform's own hash gave `found` over `seen` bytes.
    ///
    /// # Errors
    ///
    /// As [`Verifier::finish`].
    pub fn compare(
        expected: Digest,
        size: Option<u64>,
        found: Digest,
        seen: u64,
    ) -> Result<(), Error> {
        let advice =
            "fetch it again; if it stays so, the registry's copy or a proxy between is damaged";
        if let Some(size) = size.filter(|size| *size > seen) {
            let found = format!("{expected} ended after {seen} of {size} bytes");
            return Err(Error::new(Code::Truncated, found).next(advice));
        }
        if found == expected {
            return Ok(());
        }
        let found = format!("asked for {expected} and got the bytes of {found}");
        Err(Error::new(Code::DigestMismatch, found).next(advice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Algorithm;

    #[test]
    fn missing_and_wrong_bytes_are_told_apart() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let check = |bytes: &[u8]| {
                let mut verifier = Verifier::new(algorithm.digest_of(b"hello"), Some(5));
                verifier.update(bytes);
                verifier.finish().map_err(|error| error.code())
            };
            assert_eq!(check(b"hello"), Ok(()));
            assert_eq!(check(b"hell"), Err(Code::Truncated));
            assert_eq!(check(b"hellO"), Err(Code::DigestMismatch));
            assert_eq!(check(b"hello!"), Err(Code::DigestMismatch));
        }
    }
}
