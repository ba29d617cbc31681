//! Docker's registry and its successor, CNCF distribution.

use super::{Accept, DeleteTag, Paging, Profile, TagOrder};

impl Profile {
    /// Docker's registry 2.8.2 with deletion switched on.
    pub(crate) fn distribution_2_8() -> Self {
        Self {
            name: "distribution_2_8",
            order: TagOrder::Shuffled,
            no_tags_is_null: true,
            paging: Paging::Ignored,
            delete_tag: DeleteTag::NeedsDigest,
            ..Self::distribution_3()
        }
    }

    /// CNCF distribution 3.1 with deletion switched on.
    pub(crate) fn distribution_3() -> Self {
        Self {
            name: "distribution_3",
            manifest_map: false,
            accept: Accept::Strict,
            referrers: false,
            cross_origin: false,
            ..Self::demo()
        }
    }
}
