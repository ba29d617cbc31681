//! Image configs: how an image runs, and when it was built (image-spec 1.1, config.md).

use serde::Deserialize;

use super::{Platform, build_time};
use crate::{
    error::{Code, Error, Result},
    timestamp::Timestamp,
};

/// The part of an image config that is read.
///
/// # Examples
///
/// ```
/// use portreeve::oci::ImageConfig;
/// let config = ImageConfig::parse(
///     br#"{"created":"2026-11-24T08:00:00Z","os":"linux","architecture":"arm64",
///          "config":{"Env":["PATH=/bin"]}}"#,
/// )?;
/// assert_eq!(config.platform.unwrap().to_string(), "linux/arm64");
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageConfig {
    /// When it was built, as the builder says; `None` where it says nothing that can be true
    /// (missing, unreadable, or before 1980-01-02).
    pub created: Option<Timestamp>,
    /// Where it runs.
    pub platform: Option<Platform>,
    /// The document as it came.
    pub document: serde_json::Value,
}

#[derive(Deserialize)]
struct Fields {
    created: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
}

impl ImageConfig {
    /// Reads a config blob.
    ///
    /// # Errors
    ///
    /// `upstream_error` for what is no config.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let wrong = |problem: serde_json::Error| {
            let found = format!("the image config cannot be read: {problem}");
            Error::new(Code::UpstreamError, found).next("push the image again")
        };
        let document: serde_json::Value = serde_json::from_slice(bytes).map_err(wrong)?;
        let fields = Fields::deserialize(&document).map_err(wrong)?;
        let platform = fields
            .os
            .zip(fields.architecture)
            .filter(|(os, architecture)| !os.is_empty() && !architecture.is_empty())
            .map(|(os, architecture)| Platform {
                os,
                architecture,
                variant: fields.variant.filter(|variant| !variant.is_empty()),
                os_version: fields.os_version.filter(|version| !version.is_empty()),
            });
        Ok(Self {
            created: fields.created.as_deref().and_then(build_time::parse),
            platform,
            document,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_time_that_cannot_be_true_is_none() {
        let created = |text: &str| ImageConfig::parse(text.as_bytes()).unwrap().created;
        assert_eq!(created(r#"{"created":"1980-01-01T00:00:01Z"}"#), None);
        assert!(created(r#"{"created":"1980-01-02T00:00:00Z"}"#).is_some());
    }

    #[test]
    fn half_a_platform_is_none() {
        for text in [r#"{"os":"linux"}"#, r#"{"os":"","architecture":""}"#, "{}"] {
            assert_eq!(
                ImageConfig::parse(text.as_bytes()).unwrap().platform,
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_config_is_refused() {
        for text in ["", "[]", r#"{"os":7}"#] {
            assert!(ImageConfig::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
