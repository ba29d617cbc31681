//! `CUE` labs' ociregistry.

use super::{Accept, Paging, Profile};

impl Profile {
    /// `CUE` labs' ociregistry, in memory: the referrers API, and tags that outlive their manifests.
    pub(crate) fn ociregistry() -> Self {
        Self {
            name: "ociregistry",
            paging: Paging::UpTo(usize::MAX),
            manifest_map: false,
            tags_dangle: true,
            accept: Accept::Ignored,
            no_referrers_is_null: true,
            cross_origin: false,
            ..Self::demo()
        }
    }
}
