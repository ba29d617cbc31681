//! Which registry is imitated: its quirks, as data.
//!
//! One file a registry. Sources: the registries' own code and documentation, and answers seen from
//! distribution 2.8.2, 3.1.2 and zot (2026-08). A test that needs one more quirk changes one field:
//! `Profile { .., ..Profile::demo() }`.

mod access;
mod acr;
mod demo;
mod distribution;
mod ecr;
mod ghcr;
mod gitea;
mod gitlab;
mod google;
mod harbor;
mod hub;
mod jfrog;
mod nexus;
mod ociregistry;
mod quay;
mod serverless_registry;
mod zot;

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
    /// Where the token endpoint is.
    pub(crate) token_path: &'static str,
    /// The `service` of the Bearer challenge.
    pub(crate) service: &'static str,
    /// The `realm` of the Basic challenge.
    pub(crate) basic_realm: &'static str,
    /// Whether the challenge asks for `scope="*"` and a token opens everything, as with Gitea.
    pub(crate) whole_scope: bool,
    /// The action that DELETE of a manifest needs: `delete`, or `push` (Quay).
    pub(crate) delete_action: &'static str,
    /// How a repository looks that is not there, or not for whoever asks.
    pub(crate) hidden: Hidden,
    /// How many manifests may be read by GET in six hours; HEAD is free. `ratelimit-*` tells.
    pub(crate) pull_limit: Option<usize>,
    /// Headers on every answer, by which the product shows.
    pub(crate) marks: &'static [(&'static str, &'static str)],
    /// The order in which tags come.
    pub(crate) order: TagOrder,
    /// Whether a repository without tags answers `null` instead of `[]`.
    pub(crate) no_tags_is_null: bool,
    /// Paging of `tags/list`.
    pub(crate) paging: Paging,
    /// What becomes of a `last` that is no tag.
    pub(crate) unknown_last: UnknownLast,
    /// How `Link` is written.
    pub(crate) link: Link,
    /// Whether `tags/list` carries gcr.io's `manifest` map, untagged manifests included.
    pub(crate) manifest_map: bool,
    /// Whether digests are listed among the tags, as serverless-registry does.
    pub(crate) digests_among_tags: bool,
    /// What `_catalog` is.
    pub(crate) catalog: Catalog,
    /// The error code of a manifest that is not there.
    pub(crate) manifest_unknown: &'static str,
    /// Another status than 404 for HEAD of a manifest that is not there.
    pub(crate) missing_head: Option<u16>,
    /// Whether manifests and blobs are answered with `Docker-Content-Digest`.
    pub(crate) names_digest: bool,
    /// Whether anything can be deleted.
    pub(crate) deletes: bool,
    /// What DELETE with a tag does.
    pub(crate) delete_tag: DeleteTag,
    /// Whether the digest of a tagged manifest may be deleted; its tags go with it then.
    pub(crate) delete_tagged: bool,
    /// Whether the digest of a manifest without tags may be deleted; where not it is 404 (Quay).
    pub(crate) delete_untagged: bool,
    /// Status and code that refuse to move or delete a locked tag; without it locks do nothing.
    pub(crate) locked: Option<(u16, &'static str)>,
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
    /// Whether sha512 digests are taken.
    pub(crate) sha512: bool,
    /// Whether Docker's media types are taken.
    pub(crate) docker_types: bool,
    /// How blobs are pushed.
    pub(crate) uploads: Uploads,
    /// Whether PUT of a manifest keeps to `If-Match`.
    pub(crate) conditional_puts: bool,
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
    /// A page holds this many, asked or not, and `n` above it is cut.
    Capped(usize),
    /// As many as asked for; this many without `n`.
    Default(usize),
}

/// The order in which tags come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagOrder {
    /// By name.
    Sorted,
    /// None that means anything (distribution 2.8).
    Shuffled,
    /// As they were pushed first (GHCR).
    OldestFirst,
}

/// What becomes of a `last` that is no tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownLast {
    /// The listing goes on where it would be.
    Position,
    /// 404 with an empty body, as zot answers.
    Missing,
    /// 400, as Harbor answers.
    Refused,
}

/// What `_catalog` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Catalog {
    /// All without `n`; more than 1000 is refused (distribution).
    Bounded,
    /// All without `n`, and any `n` (zot).
    Unbounded,
    /// A hundred a page, with a cursor of its own (Quay).
    Cursor,
    /// It needs a scope that nobody gets (Docker Hub, GitLab.com).
    Ungranted,
    /// There is none.
    Missing,
}

/// How a repository looks that is not there, or not for whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// 404 `NAME_UNKNOWN`; a private one is a token that opens nothing.
    NotFound,
    /// A token that opens nothing, so 401 `insufficient_scope` (Docker Hub).
    Ungranted,
    /// 403 `DENIED` of the token endpoint, for who comes without a user (GHCR).
    Denied,
}

/// How blobs are pushed.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    /// The least length of every piece but the last, as `OCI-Chunk-Min-Length` says.
    pub(crate) minimum: Option<usize>,
    /// The most bytes of a request's body; more is 413.
    pub(crate) most: Option<usize>,
    /// Whether a blob is taken from another repository; where not, a mount opens an upload.
    pub(crate) mounts: bool,
    /// Whether GET of an upload tells how far it is; where not it is 404.
    pub(crate) tells: bool,
    /// Whether an upload takes more than one piece.
    pub(crate) continues: bool,
    /// How `Location` is written.
    pub(crate) location: UploadLocation,
}

/// How the address of an upload is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UploadLocation {
    /// With the host, as distribution writes it.
    Absolute,
    /// Without the host.
    Relative,
    /// With a state in its query that each answer changes, as distribution does.
    Stateful,
    /// On another host, in front of the same storage.
    Elsewhere(String),
}

/// How the address of the next page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// `</v2/r/tags/list?last=x&n=2>; rel="next"`, as distribution does.
    LastFirst,
    /// `</v2/r/tags/list?n=2&last=x>; rel="next"`, unescaped, as zot does.
    CountFirst,
    /// The same without `<` and `>`.
    Bare,
    /// Without `<` and `>`, on every page, also after the last: the empty one leads to the first
    /// again (serverless-registry).
    Endless,
    /// On this host, as Quay does.
    Absolute,
    /// On a host and under a path that are not these, as Nexus does behind a proxy.
    WrongHost,
    /// With a number as cursor and a path without the first segment of the name, as `JFrog` does.
    Numbered,
    /// With an opaque `next_page`, as Quay's catalog does.
    NextPage,
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
    /// `UNSUPPORTED` with this status: 400 (Harbor) or 405 (ACR).
    Unsupported(u16),
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
    /// Every profile.
    pub(crate) const ALL: [fn() -> Self; 20] = [
        Self::demo,
        Self::hub,
        Self::ghcr,
        Self::google,
        Self::ecr,
        Self::ecr_public,
        Self::acr,
        Self::quay,
        Self::harbor,
        Self::gitlab,
        Self::distribution_2_8,
        Self::distribution_3,
        Self::zot,
        Self::gitea,
        Self::jfrog,
        Self::nexus,
        Self::serverless_registry,
        Self::ociregistry,
        Self::bearer,
        Self::basic,
    ];

    /// The profile of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|profile| profile())
            .find(|profile| profile.name == name)
    }

    /// Every name, for messages.
    pub(crate) fn names() -> Vec<&'static str> {
        Self::ALL.map(|profile| profile().name).into()
    }
}
