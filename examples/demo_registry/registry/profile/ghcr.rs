//! GitHub's container registry.

use super::{Authentication, Catalog, Hidden, Paging, Profile, TagOrder};

impl Profile {
    /// GHCR: a hundred tags a page, the oldest first; no referrers API, and nothing to delete here.
    pub(crate) fn ghcr() -> Self {
        Self {
            name: "ghcr",
            authentication: Authentication::Bearer,
            service: "ghcr.io",
            hidden: Hidden::Denied,
            order: TagOrder::OldestFirst,
            paging: Paging::Capped(100),
            catalog: Catalog::Missing,
            manifest_map: false,
            deletes: false,
            referrers: false,
            marks: &[("x-github-request-id", "DEMO:1:2:3:4")],
            cross_origin: false,
            ..Self::demo()
        }
    }
}
