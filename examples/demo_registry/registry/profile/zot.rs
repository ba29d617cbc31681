//! zot, as of 2026-08.

use super::{Accept, Catalog, DeleteChild, DeleteTag, Link, Paging, Profile, UnknownLast};

impl Profile {
    /// zot: referrers, no broken indexes, and a paging that forgets its place.
    pub(crate) fn zot() -> Self {
        Self {
            name: "zot",
            paging: Paging::UpTo(usize::MAX),
            unknown_last: UnknownLast::Missing,
            link: Link::CountFirst,
            catalog: Catalog::Unbounded,
            manifest_map: false,
            delete_tag: DeleteTag::UntagsKnownRepositories,
            delete_child: DeleteChild::Denied,
            accept: Accept::Ignored,
            sha512: true,
            docker_types: false,
            cross_origin: false,
            ..Self::demo()
        }
    }
}
