//! `JFrog` Artifactory, where the first segment of a name is the repository's key.

use super::{Accept, Authentication, Link, Paging, Profile};

impl Profile {
    /// Artifactory: a number for a cursor, 403 for HEAD of what is missing, deletion elsewhere.
    pub(crate) fn jfrog() -> Self {
        Self {
            name: "jfrog",
            authentication: Authentication::Basic,
            basic_realm: "Artifactory Realm",
            paging: Paging::UpTo(10_000),
            link: Link::Numbered,
            manifest_map: false,
            missing_head: Some(403),
            deletes: false,
            accept: Accept::Ignored,
            marks: &[("x-jfrog-version", "Artifactory/7.98.7 79807900")],
            cross_origin: false,
            ..Self::demo()
        }
    }
}
