//! Quay, <https://github.com/quay/quay/tree/master/endpoints/v2>.

use super::{Authentication, Catalog, Link, Paging, Profile};

impl Profile {
    /// Quay before it cut a large `n` itself: 413 above 100, absolute links, a cursor of its own.
    pub(crate) fn quay() -> Self {
        Self {
            name: "quay",
            authentication: Authentication::Bearer,
            token_by_post: false,
            token_path: "/v2/auth",
            service: "quay.io",
            delete_action: "push",
            paging: Paging::Always(100, 413),
            link: Link::Absolute,
            catalog: Catalog::Cursor,
            manifest_map: false,
            delete_untagged: false,
            locked: Some((409, "TAG_IMMUTABLE")),
            cross_origin: false,
            ..Self::demo()
        }
    }
}
