//! Sonatype Nexus, behind a proxy it knows nothing of.

use super::{Authentication, Link, Profile};

impl Profile {
    /// Nexus: links to itself by another name, `null` for no tags, deletion elsewhere.
    pub(crate) fn nexus() -> Self {
        Self {
            name: "nexus",
            authentication: Authentication::Basic,
            basic_realm: "Sonatype Nexus Repository Manager",
            no_tags_is_null: true,
            link: Link::WrongHost,
            manifest_map: false,
            deletes: false,
            referrers: false,
            marks: &[("server", "Nexus/3.79.1-04 (COMMUNITY)")],
            cross_origin: false,
            ..Self::demo()
        }
    }
}
