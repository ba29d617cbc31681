//! Harbor 2.10.

use super::{Authentication, DeleteTag, Paging, Profile, UnknownLast};

impl Profile {
    /// Harbor: everything at once unless asked for less, and no tag taken by itself.
    pub(crate) fn harbor() -> Self {
        Self {
            name: "harbor",
            authentication: Authentication::Bearer,
            token_by_post: false,
            token_path: "/service/token",
            service: "harbor-registry",
            paging: Paging::UpTo(usize::MAX),
            unknown_last: UnknownLast::Refused,
            manifest_map: false,
            manifest_unknown: "NOT_FOUND",
            delete_tag: DeleteTag::Unsupported(400),
            locked: Some((412, "PRECONDITION")),
            cross_origin: false,
            ..Self::demo()
        }
    }
}
