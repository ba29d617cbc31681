//! GitLab's container registry, a fork of distribution.

use super::{Authentication, Catalog, Profile};

impl Profile {
    /// GitLab: tokens from elsewhere in the product, and a digest takes its tags.
    pub(crate) fn gitlab() -> Self {
        Self {
            name: "gitlab",
            authentication: Authentication::Bearer,
            token_by_post: false,
            token_path: "/jwt/auth",
            service: "container_registry",
            catalog: Catalog::Ungranted,
            marks: &[("gitlab-container-registry-version", "4.15.0")],
            ..Self::distribution_3()
        }
    }
}
