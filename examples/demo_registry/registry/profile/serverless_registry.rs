//! Cloudflare's serverless-registry, <https://github.com/cloudflare/serverless-registry>, src/router.ts.

use super::{Accept, Authentication, Catalog, DeleteTag, Link, Paging, Profile, Uploads};

impl Profile {
    /// serverless-registry: fifty a page unless asked for more, digests among the tags, and links
    /// that never end.
    pub(crate) fn serverless_registry() -> Self {
        Self {
            name: "serverless_registry",
            authentication: Authentication::Basic,
            basic_realm: "registry",
            paging: Paging::Default(50),
            link: Link::Endless,
            catalog: Catalog::Unbounded,
            manifest_map: false,
            digests_among_tags: true,
            delete_tag: DeleteTag::Untags,
            accept: Accept::Ignored,
            referrers: false,
            uploads: Uploads {
                minimum: Some(5 << 20),
                most: Some(100 << 20),
                ..Self::demo().uploads
            },
            cross_origin: false,
            ..Self::demo()
        }
    }
}
