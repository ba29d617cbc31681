//! Which registry is imitated: its quirks, as data.
//!
//! Sources: the registries' own code, and answers seen from distribution 2.8.2, 3.1.2 and zot
//! (2026-08). A test that needs one more quirk changes one field: `Profile { .., ..Profile::demo() }`.

/// What a registry does where registries differ.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a table of quirks, each of which a test may flip alone"
)]
pub(crate) struct Profile {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// How a client proves who it is.
    pub(crate) authentication: Authentication,
    /// The one user that Basic and the token endpoint know.
    pub(crate) username: String,
    /// That user's password.
    pub(crate) password: String,
    /// Whether the token endpoint takes POST; where not it answers 404, as older ones do.
    pub(crate) token_by_post: bool,
    /// How many seconds a token lives.
    pub(crate) token_seconds: u32,
    /// Whether tags come sorted.
    pub(crate) tags_sorted: bool,
    /// Whether a repository without tags answers `null` instead of `[]`.
    pub(crate) no_tags_is_null: bool,
    /// Paging of `tags/list`.
    pub(crate) paging: Paging,
    /// Whether a `last` that is no tag answers 404 with an empty body, as zot does.
    pub(crate) unknown_last_is_missing: bool,
    /// How `Link` is written.
    pub(crate) link: Link,
    /// Whether `tags/list` carries gcr.io's `manifest` map, untagged manifests included.
    pub(crate) manifest_map: bool,
    /// Whether anything can be deleted.
    pub(crate) deletes: bool,
    /// What DELETE with a tag does.
    pub(crate) delete_tag: DeleteTag,
    /// Whether the digest of a tagged manifest may be deleted; its tags go with it then.
    pub(crate) delete_tagged: bool,
    /// Whether the tags of a deleted manifest stay: listed, 200 for HEAD and 404 for GET.
    pub(crate) tags_dangle: bool,
    /// What DELETE of an index's child does.
    pub(crate) delete_child: DeleteChild,
    /// What happens when `Accept` does not name the manifest's media type.
    pub(crate) accept: Accept,
    /// Whether there is a referrers API; where not, seeds use fallback tags.
    pub(crate) referrers: bool,
    /// Whether a manifest without referrers answers `null` instead of `[]`.
    pub(crate) no_referrers_is_null: bool,
    /// How many referrers a page holds.
    pub(crate) referrers_page: Option<usize>,
    /// Whether Docker's media types are taken.
    pub(crate) docker_types: bool,
    /// Whether pages of other origins may read the answers.
    pub(crate) cross_origin: bool,
    /// Where GET of a blob is sent: `<here>/<digest>?signature=...`. The registry itself answers
    /// under the path `/_storage`.
    pub(crate) blob_redirect: Option<String>,
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authentication {
    /// Not at all.
    Anonymous,
    /// User and password with every request.
    Basic,
    /// A token of the registry's own endpoint; pulling needs one too, but no user.
    Bearer,
    /// The same, but even pulling needs the user.
    PrivateBearer,
    /// As `PrivateBearer`, with a Bearer and a Basic challenge in one header, as Gitea sends.
    BearerOrBasic,
}

/// How `n` is understood in `tags/list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// Not at all: everything comes at once.
    Ignored,
    /// At most `n`, and never more than this; without `n` everything.
    UpTo(usize),
    /// A page holds this many, asked or not, and `n` above it is refused with this status.
    Always(usize, u16),
}

/// How the address of the next page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// `</v2/r/tags/list?last=x&n=2>; rel="next"`, as distribution does.
    LastFirst,
    /// `</v2/r/tags/list?n=2&last=x>; rel="next"`, unescaped, as zot does.
    CountFirst,
    /// The same without `<` and `>`, as serverless-registry does.
    Bare,
    /// On a host that is not this one, as Nexus does behind a proxy.
    WrongHost,
    /// On every page that is not empty, as Gitea does.
    UntilEmpty,
    /// None, though the listing was cut: the fault that a cleanup must notice.
    Missing,
}

/// What DELETE with a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeleteTag {
    /// It takes the tag away and leaves the manifest.
    Untags,
    /// The same; an unknown repository is 400 `NAME_UNKNOWN` (zot).
    UntagsKnownRepositories,
    /// 400 `DIGEST_INVALID`, whether or not the tag is there (distribution 2.8).
    NeedsDigest,
}

/// What DELETE of a manifest that an index names does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeleteChild {
    /// It is deleted, and the index is broken.
    Deletes,
    /// 405 `DENIED` while the index is there (zot).
    Denied,
    /// 400 `GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE`.
    Dangling,
}

/// What happens when `Accept` does not name the manifest's media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accept {
    /// Nothing: the stored bytes are the answer.
    Ignored,
    /// An index answers its linux/amd64 child, which a cleanup must never mistake for the index.
    /// `*/*` and no `Accept` at all get what is stored.
    Child,
    /// As distribution: an OCI manifest is 404, a Docker list its linux/amd64 child; `*/*` is not
    /// understood.
    Strict,
}

impl Profile {
    /// Every name, for messages.
    pub(crate) const NAMES: [&'static str; 8] = [
        "demo",
        "distribution_2_8",
        "distribution_3",
        "google",
        "zot",
        "ociregistry",
        "bearer",
        "basic",
    ];

    /// The profile of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "demo" => Self::demo(),
            "distribution_2_8" => Self::distribution_2_8(),
            "distribution_3" => Self::distribution_3(),
            "google" => Self::google(),
            "zot" => Self::zot(),
            "ociregistry" => Self::ociregistry(),
            "bearer" => Self::bearer(),
            "basic" => Self::basic(),
            _ => return None,
        })
    }

    /// The demo registry: push times and untagged manifests in one request, and the referrers API.
    pub(crate) fn demo() -> Self {
        Self {
            name: "demo",
            authentication: Authentication::Anonymous,
            username: "demo".to_owned(),
            password: "demo-password".to_owned(),
            token_by_post: true,
            token_seconds: 300,
            tags_sorted: true,
            no_tags_is_null: false,
            paging: Paging::UpTo(1000),
            unknown_last_is_missing: false,
            link: Link::LastFirst,
            manifest_map: true,
            deletes: true,
            delete_tag: DeleteTag::Untags,
            delete_tagged: true,
            tags_dangle: false,
            delete_child: DeleteChild::Deletes,
            accept: Accept::Child,
            referrers: true,
            no_referrers_is_null: false,
            referrers_page: None,
            docker_types: true,
            cross_origin: true,
            blob_redirect: None,
        }
    }

    /// Docker's registry 2.8.2 with deletion switched on.
    pub(crate) fn distribution_2_8() -> Self {
        Self {
            name: "distribution_2_8",
            tags_sorted: false,
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

    /// gcr.io and Artifact Registry: tags first, then the digest, and no dangling references.
    pub(crate) fn google() -> Self {
        Self {
            name: "google",
            paging: Paging::Ignored,
            delete_tagged: false,
            delete_child: DeleteChild::Dangling,
            cross_origin: false,
            ..Self::demo()
        }
    }

    /// zot: referrers, no broken indexes, and a paging that forgets its place.
    pub(crate) fn zot() -> Self {
        Self {
            name: "zot",
            paging: Paging::UpTo(usize::MAX),
            unknown_last_is_missing: true,
            link: Link::CountFirst,
            manifest_map: false,
            delete_tag: DeleteTag::UntagsKnownRepositories,
            delete_child: DeleteChild::Denied,
            accept: Accept::Ignored,
            docker_types: false,
            cross_origin: false,
            ..Self::demo()
        }
    }

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

    /// A plain registry behind tokens; anybody may get one to pull.
    pub(crate) fn bearer() -> Self {
        Self {
            name: "bearer",
            authentication: Authentication::Bearer,
            ..Self::distribution_3()
        }
    }

    /// A plain registry behind user and password.
    pub(crate) fn basic() -> Self {
        Self {
            name: "basic",
            authentication: Authentication::Basic,
            ..Self::distribution_3()
        }
    }
}
