//! The demo registry itself.

use super::{
    Accept, Authentication, Catalog, DeleteChild, DeleteTag, Hidden, Link, Paging, Profile,
    TagOrder, UnknownLast, UploadLocation, Uploads,
};

impl Profile {
    /// The demo registry: push times and untagged manifests in one request, and the referrers API.
    pub(crate) fn demo() -> Self {
        Self {
            name: "demo",
            authentication: Authentication::Anonymous,
            username: "demo".to_owned(),
            password: "demo-password".to_owned(),
            token_by_post: true,
            token_seconds: 300,
            token_path: "/token",
            service: "demo",
            basic_realm: "registry",
            whole_scope: false,
            delete_action: "delete",
            hidden: Hidden::NotFound,
            pull_limit: None,
            marks: &[],
            order: TagOrder::Sorted,
            no_tags_is_null: false,
            paging: Paging::UpTo(1000),
            unknown_last: UnknownLast::Position,
            link: Link::LastFirst,
            manifest_map: true,
            digests_among_tags: false,
            catalog: Catalog::Bounded,
            manifest_unknown: "MANIFEST_UNKNOWN",
            missing_head: None,
            names_digest: true,
            deletes: true,
            delete_tag: DeleteTag::Untags,
            delete_tagged: true,
            delete_untagged: true,
            locked: None,
            tags_dangle: false,
            delete_child: DeleteChild::Deletes,
            accept: Accept::Child,
            referrers: true,
            no_referrers_is_null: false,
            referrers_page: None,
            sha512: false,
            docker_types: true,
            uploads: Uploads {
                minimum: None,
                most: None,
                mounts: true,
                tells: true,
                continues: true,
                location: UploadLocation::Absolute,
            },
            conditional_puts: true,
            cross_origin: true,
            blob_redirect: None,
        }
    }
}
