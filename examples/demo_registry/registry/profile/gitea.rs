//! Gitea and Forgejo (Codeberg), <https://github.com/go-gitea/gitea>, routers/api/packages/container.

use super::{Accept, Authentication, Link, Paging, Profile};

impl Profile {
    /// Gitea: two challenges in one header, `scope="*"`, and a link to one page too many.
    pub(crate) fn gitea() -> Self {
        Self {
            name: "gitea",
            authentication: Authentication::BearerOrBasic,
            token_by_post: false,
            token_path: "/v2/token",
            service: "container_registry",
            basic_realm: "Gitea Package API",
            whole_scope: true,
            paging: Paging::UpTo(usize::MAX),
            link: Link::UntilEmpty,
            manifest_map: false,
            accept: Accept::Ignored,
            referrers: false,
            cross_origin: false,
            ..Self::demo()
        }
    }
}
