//! Docker Hub, <https://docs.docker.com/docker-hub/usage/pulls/>.

use super::{Accept, Authentication, Catalog, Hidden, Paging, Profile};

impl Profile {
    /// Docker Hub: what is missing looks like what is private, and every GET of a manifest counts.
    pub(crate) fn hub() -> Self {
        Self {
            name: "hub",
            authentication: Authentication::Bearer,
            service: "registry.docker.io",
            hidden: Hidden::Ungranted,
            pull_limit: Some(100),
            paging: Paging::UpTo(1000),
            catalog: Catalog::Ungranted,
            manifest_map: false,
            deletes: false,
            accept: Accept::Child,
            referrers: false,
            cross_origin: false,
            ..Self::demo()
        }
    }
}
