//! Descriptors: how one content names another (image-spec 1.1, descriptor.md).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Digest, Platform, UnknownFields, absent, media_type, unknown_fields};
use crate::error::{Code, Error, Result};

/// Marks a manifest as buildx's attestation of a sibling in the same index.
const ATTESTATION: (&str, &str) = ("vnd.docker.reference.type", "attestation-manifest");

/// A reference to content by digest, with its type and size.
///
/// Written as JSON again it says what it said, unknown fields included; only `null`s are left out.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Descriptor;
/// let descriptor: Descriptor = serde_json::from_str(
///     r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":527,
///         "digest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
///         "platform":{"os":"linux","architecture":"amd64"}}"#,
/// )?;
/// assert!(descriptor.is_manifest());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", remote = "Self")]
#[non_exhaustive]
pub struct Descriptor {
    /// What the content is.
    pub media_type: String,
    /// What the content is called by.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// Where else it can be had: Windows base layers that registries may not hold.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "absent::when_null"
    )]
    pub urls: Vec<String>,
    /// The content itself as base64, so that small ones need no request;
    /// [`Descriptor::embedded`] decodes and compares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The platform, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What kind of artifact it is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Free text by key.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "absent::when_null"
    )]
    pub annotations: BTreeMap<String, String>,
    /// Fields that this release does not know.
    #[serde(flatten, skip_deserializing)]
    pub unknown_fields: UnknownFields,
}

const KNOWN: &[&str] = &[
    "mediaType",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
    "artifactType",
    "annotations",
];

unknown_fields::keeps_unknown_fields!(Descriptor, KNOWN);

impl Descriptor {
    /// A descriptor with the three fields that every one has.
    #[must_use]
    pub fn new(media_type: impl Into<String>, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.into(),
            digest,
            size,
            urls: Vec::new(),
            data: None,
            platform: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
            unknown_fields: UnknownFields::default(),
        }
    }

    /// Whether it names a manifest. `BuildKit` cache indexes list layers where manifests belong.
    #[must_use]
    pub fn is_manifest(&self) -> bool {
        media_type::is_manifest(&self.media_type)
    }

    /// Whether it is buildx's attestation of a sibling in the same index.
    #[must_use]
    pub fn is_attestation(&self) -> bool {
        let (key, value) = ATTESTATION;
        self.annotations
            .get(key)
            .is_some_and(|found| found == value)
    }

    /// The content in [`data`](Self::data), compared with digest and size; `None` without it.
    ///
    /// # Errors
    ///
    /// `digest_mismatch` where it is another content, or no base64 at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::oci::{Descriptor, Digest, media_type};
    /// let mut empty = Descriptor::new(media_type::OCI_EMPTY, Digest::of(b"{}"), 2);
    /// assert_eq!(empty.embedded()?, None);
    /// empty.data = Some("e30=".to_owned());
    /// assert_eq!(empty.embedded()?.unwrap(), "{}");
    /// # Ok::<(), portreeve::error::Error>(())
    /// ```
    pub fn embedded(&self) -> Result<Option<Bytes>> {
        let Some(data) = &self.data else {
            return Ok(None);
        };
        match STANDARD.decode(data) {
            Ok(bytes) if bytes.len() as u64 == self.size && self.digest.names(&bytes) => {
                Ok(Some(bytes.into()))
            }
            _ => {
                let found = format!("the descriptor of {} carries other bytes", self.digest);
                Err(Error::new(Code::DigestMismatch, found)
                    .next("do not use it: whoever made this manifest made it wrong"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn digest() -> String {
        Digest::of(b"{}").to_string()
    }

    #[test]
    fn every_field_is_read_and_written_again() {
        let whole = json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest(),
            "size": 2,
            "urls": ["https://mirror.example/layer"],
            "data": "e30=",
            "artifactType": "application/vnd.example.sbom",
            "annotations": { "org.example": "yes" },
            "platform": {
                "os": "windows", "architecture": "arm", "variant": "v7",
                "os.version": "10.0.17763.1", "os.features": ["win32k"], "features": ["sse4"],
                "vendor": "acme"
            },
            "newInImageSpec2": { "deep": [1, null, "x"] }
        });
        let read: Descriptor = serde_json::from_value(whole.clone()).unwrap();
        assert_eq!(read.urls.len(), 1);
        let platform = read.platform.as_ref().unwrap();
        assert_eq!(platform.os_features, ["win32k"]);
        assert_eq!(platform.features, ["sse4"]);
        assert_eq!(read.embedded().unwrap().unwrap(), "{}");
        assert_eq!(serde_json::to_value(&read).unwrap(), whole);
    }

    #[test]
    fn an_unknown_number_keeps_its_digits() {
        let digest = digest();
        let text = format!(
            r#"{{"mediaType":"a/b","digest":"{digest}","size":2,"huge":123456789012345678901234567890,"long":2.2222222222222222222e86}}"#
        );
        let read: Descriptor = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn null_is_the_same_as_nothing() {
        let bare = json!({ "mediaType": "a/b", "digest": digest(), "size": 2 });
        let mut nulls = bare.clone();
        for key in ["urls", "data", "platform", "artifactType", "annotations"] {
            nulls[key] = Value::Null;
        }
        let read: Descriptor = serde_json::from_value(nulls).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), bare);
    }

    #[test]
    fn embedded_content_that_is_another_is_refused() {
        let mut descriptor = Descriptor::new("a/b", Digest::of(b"{}"), 2);
        for (data, size) in [("e30=", 3), ("W10=", 2), ("e30", 2), ("{}", 2), ("", 2)] {
            descriptor.data = Some(data.to_owned());
            descriptor.size = size;
            let error = descriptor.embedded().unwrap_err();
            assert_eq!(error.code(), Code::DigestMismatch, "{data} {size}");
        }
    }
}
