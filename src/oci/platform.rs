//! The platform an image runs on (image-spec 1.1, image-index.md "platform").

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{UnknownFields, absent, unknown_fields};
use crate::error::{Code, Error};

/// Operating system, architecture and variant, in Go's words.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Platform;
/// let platform = Platform::new("linux", "arm").with_variant("v7");
/// assert_eq!(platform.to_string(), "linux/arm/v7");
/// assert_eq!("linux/armhf".parse(), Ok(platform));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Platform {
    /// `linux`, `windows` and so on; `unknown` on attestations.
    pub os: String,
    /// `amd64`, `arm64` and so on; `unknown` on attestations.
    pub architecture: String,
    /// `v7`, `v8` and so on, where the architecture has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The version of the operating system, which Windows images need.
    #[serde(
        default,
        rename = "os.version",
        skip_serializing_if = "Option::is_none"
    )]
    pub os_version: Option<String>,
    /// What the operating system must have, such as `win32k`.
    #[serde(
        default,
        rename = "os.features",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "absent::when_null"
    )]
    pub os_features: Vec<String>,
    /// What the processor must have: a field of Docker's manifest lists, reserved by OCI.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "absent::when_null"
    )]
    pub features: Vec<String>,
    /// Fields that this release does not know.
    #[serde(flatten, skip_deserializing)]
    pub unknown_fields: UnknownFields,
}

const KNOWN: &[&str] = &[
    "os",
    "architecture",
    "variant",
    "os.version",
    "os.features",
    "features",
];

unknown_fields::keeps_unknown_fields!(Platform, KNOWN);

/// A text that is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no platform: expected something like linux/amd64, linux/arm/v7 or arm64")]
pub struct InvalidPlatform(String);

impl From<InvalidPlatform> for Error {
    fn from(problem: InvalidPlatform) -> Self {
        Self::new(Code::InvalidArgument, problem.to_string())
    }
}

impl Platform {
    /// A platform without variant.
    #[must_use]
    pub fn new(os: impl Into<String>, architecture: impl Into<String>) -> Self {
        Self {
            os: os.into(),
            architecture: architecture.into(),
            variant: None,
            os_version: None,
            os_features: Vec::new(),
            features: Vec::new(),
            unknown_fields: UnknownFields::default(),
        }
    }

    /// The same with a variant.
    #[must_use]
    pub fn with_variant(mut self, variant: impl Into<String>) -> Self {
        self.variant = Some(variant.into());
        self
    }

    /// Whether it is the `unknown/unknown` that buildx gives attestations.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(formatter, "/{variant}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    /// Reads `os/architecture`, `os/architecture/variant` or an architecture alone, which means
    /// `linux`; `windows(10.0.17763)/amd64` names a version. The result is
    /// [normalised](Self::normalised).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPlatform(text.to_owned());
        let is_word = |part: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
            !part.is_empty() && part.bytes().all(allowed)
        };
        let mut parts = text.split('/');
        let (os, architecture) = match (parts.next(), parts.next()) {
            (Some(os), Some(architecture)) => (os, architecture),
            (Some(architecture), None) => ("linux", architecture),
            _ => return Err(invalid()),
        };
        let (os, os_version) = match os.strip_suffix(')') {
            Some(os) => {
                let (os, version) = os.split_once('(').ok_or_else(invalid)?;
                (os, Some(version))
            }
            None => (os, None),
        };
        let variant = parts.next();
        let optional = |part: Option<&str>| part.is_none_or(is_word);
        if parts.next().is_some()
            || !is_word(os)
            || !is_word(architecture)
            || !optional(variant)
            || !optional(os_version)
        {
            return Err(invalid());
        }
        let platform = Self {
            variant: variant.map(str::to_owned),
            os_version: os_version.map(str::to_owned),
            ..Self::new(os, architecture)
        }
        .normalised();
        // an operating system alone would be taken for an architecture of Linux
        if text.contains('/') || platform.has_known_architecture() {
            Ok(platform)
        } else {
            Err(invalid())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_read_as_containerd_reads_them() {
        for (text, expected) in [
            ("linux/amd64", "linux/amd64"),
            ("Linux/AMD64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("arm64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("macos/aarch64", "darwin/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("armhf", "linux/arm/v7"),
            ("linux/armel", "linux/arm/v6"),
            ("linux/arm/6", "linux/arm/v6"),
            ("linux/i386", "linux/386"),
            ("linux/ppc64le/power9", "linux/ppc64le/power9"),
            ("wasip1/wasm", "wasip1/wasm"),
        ] {
            let platform: Platform = text.parse().unwrap();
            assert_eq!(platform.to_string(), expected, "{text}");
        }
        let windows: Platform = "windows(10.0.17763.1)/amd64".parse().unwrap();
        assert_eq!(windows.os_version.as_deref(), Some("10.0.17763.1"));
        for text in [
            "",
            "/",
            "linux",
            "windows",
            "linux/",
            "/amd64",
            "a b/c",
            "linux/a/b/c",
            "linux/arm/",
            "windows(/amd64",
            "windows()/amd64",
            "linux/ämd64",
        ] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
    }
}
