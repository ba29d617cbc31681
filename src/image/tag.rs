use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::TimeSource;
use crate::{
    error::Error,
    oci::{Digest, Platform},
    timestamp::Timestamp,
};

/// A tag, with what is known of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// The digest that it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The media type of its manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The bytes of manifest, config and layers as a registry holds them; of an index, those of
    /// its images and its own. Unknown where a part of it is missing. As the registry says where
    /// its list tells (Google counts the layers alone).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When it was built: the later of what annotation and config say; of an index the latest of
    /// its images, unknown if one is. Before 1980-01-02, or more than a day ahead, is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When the registry received it, where its list tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed: Option<Timestamp>,
    /// Where it runs, attestations left out; none of an artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platforms: Option<Vec<Platform>>,
    /// Where the times come from.
    #[serde(skip_serializing_if = "TagSources::is_empty")]
    pub sources: TagSources,
    /// Why the facts asked for could not be had.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "code_and_message"
    )]
    pub error: Option<Error>,
}

/// Where a tag's times come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct TagSources {
    /// That of [`Tag::created`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<TimeSource>,
    /// That of [`Tag::pushed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed: Option<TimeSource>,
}

impl Tag {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            digest: None,
            media_type: None,
            size: None,
            created: None,
            pushed: None,
            platforms: None,
            sources: TagSources::default(),
            error: None,
        }
    }
}

impl TagSources {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    fn is_empty(&self) -> bool {
        self.created.is_none() && self.pushed.is_none()
    }
}

#[allow(clippy::ref_option, reason = "as serde calls it")]
fn code_and_message<S: Serializer>(
    error: &Option<Error>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut both = serializer.serialize_struct("Error", 2)?;
    if let Some(error) = error {
        both.serialize_field("code", error.code().as_str())?;
        both.serialize_field("message", &error.to_string())?;
    }
    both.end()
}
