//! `portreeve.condemned/1`: since when the groups of one repository have been condemned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::oci::Digest;
use crate::timestamp::Timestamp;

/// The name and version that the document carries.
const FORMAT: &str = "portreeve.condemned/1";

/// What the complete scans of one repository have condemned, for a policy with a `grace`.
///
/// It is saved beside the inventory after every plan that is complete and not simulated, and given
/// to the next one. A group that a scan does not condemn is in it no more.
///
/// # Examples
///
/// ```
/// use portreeve::plan::Condemned;
/// let text = r#"{ "format": "portreeve.condemned/1", "host": "registry.example",
///                 "repository": "shop/web", "policyHash": "ab", "groups": {} }"#;
/// let condemned = Condemned::parse(text)?;
/// assert_eq!(condemned.repository, "shop/web");
/// assert_eq!(Condemned::parse(&condemned.text())?, condemned);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Condemned {
    format: String,
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub repository: String,
    /// The hash over the policy that condemned; another policy begins anew.
    pub policy_hash: String,
    /// The condemned roots.
    pub groups: BTreeMap<Digest, Condemnation>,
}

/// Since when one group has been condemned, and what it looked like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Condemnation {
    /// When the first of the scans that condemned it was taken.
    pub since: Timestamp,
    /// The hash over the group's own tags, parents and referrers; a change begins anew.
    pub fingerprint: String,
}

impl Condemnation {
    pub(super) const fn new(since: Timestamp, fingerprint: String) -> Self {
        Self { since, fingerprint }
    }
}

impl Condemned {
    /// A record that condemns nothing.
    #[must_use]
    pub fn new(
        host: impl Into<String>,
        repository: impl Into<String>,
        policy_hash: impl Into<String>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            host: host.into(),
            repository: repository.into(),
            policy_hash: policy_hash.into(),
            groups: BTreeMap::new(),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for another format, or a field that is unknown, missing or malformed.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |found: String| {
            Error::new(Code::InvalidArgument, found)
                .doing("reading what earlier scans condemned")
                .next("remove the file: every group then waits its grace anew")
        };
        let condemned: Self =
            serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        if condemned.format != FORMAT {
            let found = format!("its format is `{}`, not {FORMAT}", condemned.format);
            return Err(invalid(found));
        }
        Ok(condemned)
    }

    /// The record as text.
    #[must_use]
    pub fn text(&self) -> String {
        // a struct of strings, times and digests: nothing in it can fail to be written
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_format_or_with_a_field_nobody_knows_is_refused() {
        let mut condemned = Condemned::new("r.example", "a", "ab");
        condemned.groups.insert(
            Digest::of(b"a"),
            Condemnation::new(Timestamp::from_seconds(1_795_507_200), "f".to_owned()),
        );
        let text = condemned.text();
        assert_eq!(Condemned::parse(&text).unwrap(), condemned);
        for (from, to) in [
            ("condemned/1", "condemned/2"),
            ("\"host\"", "\"force\":true,\"host\""),
            ("\"since\":\"2026", "\"since\":\"never"),
            ("sha256:", "sha1:"),
        ] {
            let edited = text.replacen(from, to, 1);
            assert_ne!(edited, text, "{from}");
            let error = Condemned::parse(&edited).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{from}");
        }
    }
}
