//! Digests: what a content is called by (OCI image-spec 1.1, descriptor.md "Digests").

use std::{fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use sha2::{Digest as _, Sha256, Sha512};

use crate::error::{Code, Error};

/// How a digest is computed: the two algorithms that image-spec 1.1 registers.
///
/// # Examples
///
/// ```
/// use portreeve::oci::{Algorithm, Digest};
/// let digest = Algorithm::Sha512.digest_of(b"hello");
/// assert_eq!(digest.algorithm(), Algorithm::Sha512);
/// assert!(digest.to_string().starts_with("sha512:9b71d224bd62f378"));
/// assert_eq!(Algorithm::Sha256.digest_of(b"hello"), Digest::of(b"hello"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// What nearly everything uses, and every registry takes.
    Sha256,
    /// Twice as long; many registries refuse it.
    Sha512,
}

impl Algorithm {
    /// `sha256` or `sha512`, as digests and Node's `createHash` write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The digest of these bytes.
    #[must_use]
    pub fn digest_of(self, bytes: &[u8]) -> Digest {
        Digest(match self {
            Self::Sha256 => Bytes::Sha256(Sha256::digest(bytes).into()),
            Self::Sha512 => Bytes::Sha512(Sha512::digest(bytes).into()),
        })
    }
}

/// A digest, written `sha256:<64 lower-case hex digits>` or `sha512:<128 of them>`; binary in
/// memory. Digests sort as their texts do.
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
/// assert!(digest.names(b"hello") && !digest.names(b"Hello"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Bytes);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Bytes {
    Sha256([u8; 32]),
    Sha512([u8; 64]),
}

/// A text that is no digest this release can verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigest {
    /// Not `algorithm:encoded`.
    #[error(
        "`{0}` is no digest: expected sha256: and 64 lower-case hex digits, or sha512: and 128"
    )]
    Malformed(String),
    /// An algorithm other than sha256 and sha512.
    #[error("the digest algorithm of `{0}` is not supported: only sha256 and sha512 are")]
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
    /// The sha256 digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Algorithm::Sha256.digest_of(bytes)
    }

    /// Whether it is the digest of these bytes, by its own algorithm.
    #[must_use]
    pub fn names(&self, bytes: &[u8]) -> bool {
        self.algorithm().digest_of(bytes) == *self
    }

    /// The sha256 digest of these bytes of its own.
    pub(crate) const fn sha256(bytes: [u8; 32]) -> Self {
        Self(Bytes::Sha256(bytes))
    }

    /// The sha512 digest of these bytes of its own.
    pub(crate) const fn sha512(bytes: [u8; 64]) -> Self {
        Self(Bytes::Sha512(bytes))
    }

    /// How it was computed.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Bytes::Sha256(_) => Algorithm::Sha256,
            Bytes::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// The 64 or 128 hex digits without the algorithm.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut hex = String::with_capacity(2 * self.as_bytes().len());
        self.write_hex(&mut hex);
        hex
    }

    fn write_hex(&self, text: &mut String) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |half: u8| char::from(DIGITS.get(usize::from(half)).copied().unwrap_or(b'0'));
        for byte in self.as_bytes() {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
    }

    /// Appends its text.
    pub(crate) fn write_to(&self, text: &mut String) {
        text.push_str(self.algorithm().as_str());
        text.push(':');
        self.write_hex(text);
    }

    /// The 32 or 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Sha256(bytes) => bytes,
            Bytes::Sha512(bytes) => bytes,
        }
    }

    /// The tag under which clients keep the referrers of this digest where a registry has no
    /// endpoint for them: algorithm, `-`, and at most 64 hex digits (distribution-spec 1.1,
    /// "Referrers Tag Schema"), so that of sha512 only the first half is in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::oci::{Algorithm, Digest};
    /// assert!(Digest::of(b"").fallback_tag().starts_with("sha256-e3b0c442"));
    /// assert_eq!(Algorithm::Sha512.digest_of(b"").fallback_tag().len(), 7 + 64);
    /// ```
    #[must_use]
    pub fn fallback_tag(&self) -> String {
        let mut hex = self.hex();
        hex.truncate(64);
        format!("{}-{hex}", self.algorithm().as_str())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.algorithm().as_str(), self.hex())
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
        let bytes = match algorithm {
            "sha256" => decode(encoded).map(Bytes::Sha256),
            "sha512" => decode(encoded).map(Bytes::Sha512),
            _ if is_other_algorithm(algorithm, encoded) => {
                return Err(InvalidDigest::Algorithm(text.to_owned()));
            }
            _ => None,
        };
        bytes.map(Self).ok_or_else(malformed)
    }
}

fn decode<const LENGTH: usize>(encoded: &str) -> Option<[u8; LENGTH]> {
    if encoded.len() != 2 * LENGTH {
        return None;
    }
    let mut bytes = [0; LENGTH];
    let mut all = 0;
    for (byte, pair) in bytes.iter_mut().zip(encoded.as_bytes().chunks_exact(2)) {
        let &[high, low] = pair else {
            return None;
        };
        let (high, low) = (nibble(high), nibble(low));
        all |= high | low;
        *byte = high << 4 | (low & 15);
    }
    (all < 16).then_some(bytes)
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

/// The value of a digit; more than 15 for what is none. Without branches, which digits at random
/// would mislead.
const fn nibble(digit: u8) -> u8 {
    let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
    let letter = if letter < 6 { letter + 10 } else { 0xff };
    if number < 10 { number } else { letter }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        self.write_to(&mut text);
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

/// Reads a digest where it stands: an inventory has millions.
struct Text;

impl Visitor<'_> for Text {
    type Value = Digest;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a digest")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
        text.parse().map_err(E::custom)
    }
}

/// A digest that is being computed, over a content that comes in pieces.
///
/// # Examples
///
/// ```
/// use portreeve::oci::{Algorithm, Digest, Hasher};
/// let mut hasher = Hasher::new(Algorithm::Sha256);
/// hasher.update(b"hel");
/// hasher.update(b"lo");
/// assert_eq!(hasher.finish(), Digest::of(b"hello"));
/// ```
#[derive(Debug, Clone)]
pub struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    /// Nothing hashed yet.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.0 {
            State::Sha256(hasher) => hasher.update(piece),
            State::Sha512(hasher) => hasher.update(piece),
        }
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(match self.0 {
            State::Sha256(hasher) => Bytes::Sha256(hasher.finalize().into()),
            State::Sha512(hasher) => Bytes::Sha512(hasher.finalize().into()),
        })
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
            (format!("sha256:{hex}{hex}"), false),
            (format!("sha512:{hex}"), false),
            (format!("sha384:{hex}"), true),
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
        let mut digests = [
            Algorithm::Sha512.digest_of(b"1"),
            Digest::of(b"1"),
            Algorithm::Sha512.digest_of(b"2"),
            Digest::of(b"2"),
        ];
        digests.sort_unstable();
        let texts: Vec<String> = digests.iter().map(Digest::to_string).collect();
        assert!(texts.is_sorted(), "{texts:?}");
    }

    #[test]
    fn sha512_reads_writes_and_names_its_bytes() {
        // FIPS 180-4, the example "abc"
        let text = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        let digest: Digest = text.parse().unwrap();
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.as_bytes().len(), 64);
        assert!(digest.names(b"abc") && !digest.names(b"abd"));
        assert!(!Digest::of(b"abc").names(b"abd"));
    }

    #[test]
    fn a_fallback_tag_is_always_a_tag() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let digest = algorithm.digest_of(b"x");
            let tag = digest.fallback_tag();
            assert!(crate::oci::is_tag(&tag), "{tag}");
            assert!(
                digest.to_string().replace(':', "-").starts_with(&tag),
                "{tag}"
            );
        }
    }
}
