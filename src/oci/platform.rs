//! The platform an image runs on (image-spec 1.1, image-index.md "platform").

use std::fmt;

use serde::{Deserialize, Serialize};

/// Operating system, architecture and variant, in Go's words.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Platform;
/// let platform = Platform::new("linux", "arm").with_variant("v7");
/// assert_eq!(platform.to_string(), "linux/arm/v7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
