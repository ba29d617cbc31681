//! Who may use the proxy and the cleanup endpoints, and for what.

use super::problem::Problem;
use super::reader::{Findings, Node};
use super::{Network, RepositoryPattern, ensure_supported};
use crate::error::Result;

/// A client: how it is recognised, and what it is granted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientAccess {
    /// Its name, which is its user name in Basic authentication.
    pub name: String,
    /// The SHA-256 of every token it may show.
    pub token_sha256: Vec<[u8; 32]>,
    /// Where it may come from without any token.
    pub anonymous_from: Vec<Network>,
    /// What it is granted.
    pub grants: Vec<Grant>,
    unsupported: Vec<Problem>,
}

/// Actions on repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// What may be done.
    pub actions: Vec<Action>,
    /// Where.
    pub repositories: Vec<RepositoryPattern>,
}

/// What a client can be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Pull through the proxy, list tags.
    Pull,
    /// Push through the proxy.
    Push,
    /// Delete through the proxy.
    Delete,
    /// Hand in what is in use.
    Report,
    /// Have a plan made, and read it.
    Plan,
    /// Let a waiting plan go.
    Approve,
    /// Have a plan carried out.
    Apply,
    /// Undo a run.
    Restore,
    /// Read figures.
    Metrics,
}

impl Action {
    /// The word for it in `portreeve.json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ACTIONS
            .iter()
            .find(|(_, action)| *action == self)
            .map_or("", |(word, _)| word)
    }
}

const ACTIONS: [(&str, Action); 9] = [
    ("pull", Action::Pull),
    ("push", Action::Push),
    ("delete", Action::Delete),
    ("report", Action::Report),
    ("plan", Action::Plan),
    ("approve", Action::Approve),
    ("apply", Action::Apply),
    ("restore", Action::Restore),
    ("metrics", Action::Metrics),
];

/// The actions that this release carries out.
const CARRIED_OUT: [Action; 5] = [
    Action::Pull,
    Action::Report,
    Action::Plan,
    Action::Apply,
    Action::Restore,
];

impl ClientAccess {
    /// Whether it may do `action` with the repository at `path` of `upstream`.
    #[must_use]
    pub fn allows(&self, action: Action, upstream: &str, path: &str) -> bool {
        self.grants.iter().any(|grant| {
            grant.actions.contains(&action)
                && grant
                    .repositories
                    .iter()
                    .any(|pattern| pattern.matches(upstream, path))
        })
    }

    /// What is understood and not carried out by this release.
    #[must_use]
    pub fn unsupported(&self) -> &[Problem] {
        &self.unsupported
    }

    /// Refuses a client of which a part would not be carried out.
    ///
    /// # Errors
    ///
    /// `unsupported` with the path of every such part.
    pub fn ensure_supported(&self) -> Result<()> {
        ensure_supported(&self.unsupported)
    }

    pub(super) fn read(
        name: &str,
        node: &Node<'_>,
        upstreams: &[&str],
        findings: &Findings,
    ) -> Option<Self> {
        if name.is_empty() || name.contains(|c: char| c == ':' || c.is_control()) {
            node.problem("a client's name is its user name: it is not empty and holds no colon");
        }
        let fields = node.fields()?;
        let tokens = fields.get("tokenSha256");
        let networks = fields.get("anonymousFrom");
        let oidc = fields.get("oidc");
        let ways = [&tokens, &networks, &oidc]
            .iter()
            .filter(|way| way.is_some())
            .count();
        if ways != 1 {
            node.problem("expected exactly one of tokenSha256, anonymousFrom, oidc");
        }
        let anonymous = networks.is_some();
        let token_sha256 = tokens.map(|node| read_tokens(&node)).unwrap_or_default();
        let anonymous_from = networks
            .map(|node| read_networks(&node))
            .unwrap_or_default();
        if let Some(oidc) = oidc {
            read_oidc(&oidc);
        }
        let grants: Vec<Grant> = fields
            .require("grants")
            .map(|node| node.items())
            .unwrap_or_default()
            .iter()
            .filter_map(|item| Grant::read(item, upstreams, anonymous))
            .collect();
        let holds = |action| grants.iter().any(|grant| grant.actions.contains(&action));
        if holds(Action::Report) && holds(Action::Apply) {
            node.problem("one client never holds both `report` and `apply`: it could report its way past every protection");
        }
        fields.finish();
        Some(Self {
            name: name.to_owned(),
            token_sha256,
            anonymous_from,
            grants,
            unsupported: findings.take_unsupported(),
        })
    }
}

impl Grant {
    fn read(node: &Node<'_>, upstreams: &[&str], anonymous: bool) -> Option<Self> {
        let fields = node.fields()?;
        let mut actions = Vec::new();
        for item in fields
            .require("actions")
            .map(|node| node.items())
            .unwrap_or_default()
        {
            let Some(action) = item.word(&ACTIONS) else {
                continue;
            };
            if !CARRIED_OUT.contains(&action) {
                item.unsupported();
            }
            actions.push(action);
        }
        let mut repositories = Vec::new();
        for item in fields
            .require("repositories")
            .map(|node| node.items())
            .unwrap_or_default()
        {
            let pattern = RepositoryPattern::read(&item, upstreams.iter().copied());
            let Some(pattern) = pattern else { continue };
            if anonymous && pattern.path.is_everything() {
                item.problem(
                    "a whole upstream is not given to anonymous clients: name a part of it",
                );
            }
            repositories.push(pattern);
        }
        fields.finish();
        Some(Self {
            actions,
            repositories,
        })
    }
}

fn read_tokens(node: &Node<'_>) -> Vec<[u8; 32]> {
    node.strings()
        .iter()
        .filter_map(|(text, item)| {
            // the digest's own grammar: 64 lower-case hex digits
            let parsed = format!("sha256:{text}").parse::<crate::oci::Digest>();
            if parsed.is_err() {
                item.problem("expected the 64 hex digits that `portreeve token create` prints, never the token itself");
            }
            parsed.ok()?.as_bytes().try_into().ok()
        })
        .collect()
}

fn read_networks(node: &Node<'_>) -> Vec<Network> {
    node.strings()
        .iter()
        .filter_map(|(text, item)| match text.parse() {
            Ok(network) => Some(network),
            Err(problem) => {
                let problem: super::InvalidNetwork = problem;
                item.problem(problem.to_string());
                None
            }
        })
        .collect()
}

fn read_oidc(node: &Node<'_>) {
    if let Some(fields) = node.fields() {
        for name in ["issuer", "audience"] {
            if let Some(node) = fields.require(name) {
                node.string();
            }
        }
        if let Some(claims) = fields.require("claims") {
            for (_, claim) in claims.entries() {
                claim.string();
            }
        }
        fields.finish();
    }
    node.unsupported();
}
