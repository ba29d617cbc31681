//! Amazon's registries, <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/>.

use super::{Authentication, Catalog, Paging, Profile};

impl Profile {
    /// A private registry: the user `AWS`, pages of at most 1000, and digests left unsaid.
    pub(crate) fn ecr() -> Self {
        Self {
            name: "ecr",
            authentication: Authentication::Basic,
            username: "AWS".to_owned(),
            basic_realm: "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/",
            paging: Paging::Always(1000, 405),
            catalog: Catalog::Missing,
            manifest_map: false,
            names_digest: false,
            deletes: false,
            locked: Some((400, "TAG_INVALID")),
            cross_origin: false,
            ..Self::demo()
        }
    }

    /// The public gallery, `public.ecr.aws`.
    pub(crate) fn ecr_public() -> Self {
        Self {
            name: "ecr_public",
            authentication: Authentication::Bearer,
            username: "AWS".to_owned(),
            token_path: "/token/",
            service: "public.ecr.aws",
            names_digest: true,
            locked: None,
            referrers: false,
            ..Self::ecr()
        }
    }
}
