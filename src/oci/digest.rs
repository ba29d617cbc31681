//! Digests: what a content is called by (OCI image-spec 1.1, descriptor.md "Digests").

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error};

const ALGORITHM: &str = "sha256:";
const LENGTH: usize = 32;

/// A sha256 digest, written `sha256:<64 lower-case hex digits>`; 32 bytes in memory.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Digest;
/// let digest = Digest::of(b"hello");
/// assert_eq!(
///     digest.to_string(),
///     "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
/// );
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; LENGTH]);

/// A text that is no digest this release can verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigest {
    /// Not `algorithm:encoded`.
    #[error("`{0}` is no digest: expected sha256: and 64 lower-case hex digits")]
    Malformed(String),
    /// An algorithm other than sha256.
    #[error("the digest algorithm of `{0}` is not supported: only sha256 is")]
    Algorithm(String),
}

impl From<InvalidDigest> for Error {
    fn from(problem: InvalidDigest) -> Self {
        let code = match problem {
            InvalidDigest::Malformed(_) => Code::InvalidReference,
            InvalidDigest::Algorithm(_) => Code::Unsupported,
        };
        Self::new(code, problem.to_string())
    }
}

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 64 hex digits without the algorithm.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut hex = String::with_capacity(2 * LENGTH);
        for byte in self.0 {
            for half in [byte >> 4, byte & 15] {
                hex.push(char::from(if half < 10 {
                    b'0' + half
                } else {
                    b'a' + half - 10
                }));
            }
        }
        hex
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(ALGORITHM)?;
        formatter.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || InvalidDigest::Malformed(text.to_owned());
        let (algorithm, encoded) = text.split_once(':').ok_or_else(malformed)?;
        if algorithm != "sha256" {
            return Err(if is_other_algorithm(algorithm, encoded) {
                InvalidDigest::Algorithm(text.to_owned())
            } else {
                malformed()
            });
        }
        if encoded.len() != 2 * LENGTH {
            return Err(malformed());
        }
        let mut bytes = [0; LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(encoded.as_bytes().chunks_exact(2)) {
            let &[high, low] = pair else {
                return Err(malformed());
            };
            *byte = nibble(high).ok_or_else(malformed)? << 4 | nibble(low).ok_or_else(malformed)?;
        }
        Ok(Self(bytes))
    }
}

/// The grammar's `algorithm ":" encoded`, without knowing the algorithm.
fn is_other_algorithm(algorithm: &str, encoded: &str) -> bool {
    let separator = |c| matches!(c, '+' | '.' | '_' | '-');
    let component = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    algorithm.split(separator).all(component)
        && !encoded.is_empty()
        && encoded
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-'))
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

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
    hasher: Sha256,
}

impl Verifier {
    /// Expects the content that `expected` names, `size` bytes long where that is known.
    #[must_use]
    pub fn new(expected: Digest, size: Option<u64>) -> Self {
        Self {
            expected,
            size,
            seen: 0,
            hasher: Sha256::new(),
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
        let found = Digest(self.hasher.finalize().into());
        Self::compare(self.expected, self.size, found, self.seen)
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

    #[test]
    fn what_is_no_digest_says_why() {
        let hex = "a".repeat(64);
        for (text, algorithm) in [
            (String::new(), false),
            ("sha256".to_owned(), false),
            ("sha256:".to_owned(), false),
            (format!("sha256:{}", "a".repeat(63)), false),
            (format!("sha256:{}", hex.to_uppercase()), false),
            (format!("sha256:{}é", "a".repeat(62)), false),
            (format!("SHA256:{hex}"), false),
            (format!("sha512:{hex}{hex}"), true),
            ("multihash+base58:QmRZxt".to_owned(), true),
        ] {
            let problem = text.parse::<Digest>().unwrap_err();
            assert_eq!(
                matches!(problem, InvalidDigest::Algorithm(_)),
                algorithm,
                "{text}"
            );
        }
    }

    #[test]
    fn digests_sort_as_their_texts_do() {
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        assert_eq!(one.cmp(&two), one.to_string().cmp(&two.to_string()));
    }

    #[test]
    fn missing_and_wrong_bytes_are_told_apart() {
        let check = |bytes: &[u8]| {
            let mut verifier = Verifier::new(Digest::of(b"hello"), Some(5));
            verifier.update(bytes);
            verifier.finish().map_err(|error| error.code())
        };
        assert_eq!(check(b"hello"), Ok(()));
        assert_eq!(check(b"hell"), Err(Code::Truncated));
        assert_eq!(check(b"hellO"), Err(Code::DigestMismatch));
        assert_eq!(check(b"hello!"), Err(Code::DigestMismatch));
    }
}
