//! What a token must allow.

use std::fmt;

/// What a request needs to be allowed: one resource or several, each with its actions, in docker's
/// notation `repository:team/web:pull`.
///
/// Source: docker's "Token Scope Documentation".
///
/// # Examples
///
/// ```
/// use portreeve::auth::Scope;
///
/// let mount = Scope::push("team/web").and(&Scope::pull("team/base"));
/// assert_eq!(mount.as_str(), "repository:team/web:pull,push repository:team/base:pull");
/// assert!(mount.covers(&Scope::pull("team/web")));
/// assert_eq!(Scope::none().as_str(), "");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    resources: Vec<Resource>,
    text: String,
}

/// A resource with its actions; what does not follow the notation (Gitea's `*`) is a kind alone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resource {
    kind: String,
    name: String,
    actions: Vec<String>,
}

impl Scope {
    /// No permission but to be somebody: `GET /v2/`.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// To read a repository.
    #[must_use]
    pub fn pull(repository: &str) -> Self {
        Self::of("repository", repository, &["pull"])
    }

    /// To push to a repository, for which every registry wants `pull` as well.
    #[must_use]
    pub fn push(repository: &str) -> Self {
        Self::of("repository", repository, &["pull", "push"])
    }

    /// To delete from a repository.
    #[must_use]
    pub fn delete(repository: &str) -> Self {
        Self::of("repository", repository, &["delete"])
    }

    /// To list the repositories, in the notation of the distribution registry.
    #[must_use]
    pub fn catalog() -> Self {
        Self::of("registry", "catalog", &["*"])
    }

    /// Any actions on a repository, such as `pull` and `delete`.
    #[must_use]
    pub fn repository(name: &str, actions: &[&str]) -> Self {
        Self::of("repository", name, actions)
    }

    fn of(kind: &str, name: &str, actions: &[&str]) -> Self {
        let resource = Resource {
            kind: kind.to_owned(),
            name: name.to_owned(),
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
        };
        Self::default().with(resource)
    }

    /// Reads the notation, with spaces between several resources; whatever does not follow it is
    /// kept as it is, because token servers may understand it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.split_ascii_whitespace()
            .map(Resource::parse)
            .fold(Self::default(), Self::with)
    }

    /// This and another together, as a cross-repository mount needs: the resource that is acted on
    /// first, because it decides which credential asks.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        other.resources.iter().cloned().fold(self, Self::with)
    }

    fn with(mut self, resource: Resource) -> Self {
        match self.resources.iter_mut().find(|own| own.names(&resource)) {
            Some(own) => own.add(resource.actions),
            None => self.resources.push(resource),
        }
        let texts: Vec<String> = self.resources.iter().map(ToString::to_string).collect();
        self.text = texts.join(" ");
        self
    }

    /// The notation that the token server reads; empty for [`Scope::none`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Each resource in its notation, as a token request names them.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.text.split_ascii_whitespace()
    }

    /// Whether a token for this one serves a request that needs `other`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let covered = |needed: &Resource| self.resources.iter().any(|own| own.covers(needed));
        other.resources.iter().all(covered)
    }

    /// Whether it only reads, as somebody unknown may on many registries.
    #[must_use]
    pub(crate) fn only_reads(&self) -> bool {
        let reads = |resource: &Resource| {
            resource.kind == "registry" || resource.actions.iter().all(|action| action == "pull")
        };
        self.resources.iter().all(reads)
    }

    /// The repository that is acted on.
    #[must_use]
    pub(crate) fn first_repository(&self) -> Option<&str> {
        let mut resources = self.resources.iter();
        resources
            .find(|resource| resource.kind == "repository")
            .map(|resource| resource.name.as_str())
    }

    fn pushes(&self) -> bool {
        let mut actions = self.resources.iter().flat_map(|own| &own.actions);
        actions.any(|action| action == "push")
    }

    /// What to ask a token server for, one after the other while the registry finds the last
    /// token insufficient: what the challenge named, with those of our resources that it left out;
    /// what we know to need; and for a deletion `*`, because registries name it differently.
    ///
    /// Who pushes looks first, and a token for the look would be refused the bytes: there all that
    /// is needed is asked for at once.
    #[must_use]
    pub(crate) fn attempts(&self, challenged: &Self) -> Vec<Self> {
        let mut attempts = Vec::new();
        let asks_for_all = self.pushes() && self.covers(challenged);
        if !challenged.resources.is_empty() && !asks_for_all {
            let left_out = self.resources.iter().filter(|own| {
                let mut challenged = challenged.resources.iter();
                self.resources.len() > 1 && !challenged.any(|other| other.covers_name_of(own))
            });
            attempts.push(left_out.cloned().fold(challenged.clone(), Self::with));
        }
        attempts.push(self.clone());
        let mut anything = self.clone();
        for resource in &mut anything.resources {
            if resource.actions == ["delete"] {
                resource.actions = vec!["*".to_owned()];
            }
        }
        // built anew for its text
        attempts.push(Self::default().and(&anything));
        attempts.dedup_by(|next, last| next.covers(last) && last.covers(next));
        attempts
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Resource {
    fn parse(text: &str) -> Self {
        // a name may hold a port
        let parts = text
            .split_once(':')
            .and_then(|(kind, rest)| Some((kind, rest.rsplit_once(':')?)));
        match parts {
            Some((kind, (name, actions))) => Self {
                kind: kind.to_owned(),
                name: name.to_owned(),
                actions: actions.split(',').map(str::to_owned).collect(),
            },
            None => Self {
                kind: text.to_owned(),
                name: String::new(),
                actions: Vec::new(),
            },
        }
    }

    fn names(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name
    }

    fn covers_name_of(&self, other: &Self) -> bool {
        self.kind == "*" || self.names(other)
    }

    fn covers(&self, other: &Self) -> bool {
        let has = |action: &String| self.actions.contains(action);
        self.covers_name_of(other)
            && (self.kind == "*" || has(&"*".to_owned()) || other.actions.iter().all(has))
    }

    fn add(&mut self, actions: Vec<String>) {
        for action in actions {
            if !self.actions.contains(&action) {
                self.actions.push(action);
            }
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.kind)?;
        if self.name.is_empty() && self.actions.is_empty() {
            return Ok(());
        }
        write!(formatter, ":{}:{}", self.name, self.actions.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_reads_back() {
        for text in [
            "",
            "*",
            "repository:a:pull",
            "repository:a:pull,push repository:b/c:pull",
            "repository(plugin):a:pull",
            "repository:registry.example:5000/a:*",
            "registry:catalog:*",
            "aws",
            "a::b",
        ] {
            assert_eq!(Scope::parse(text).as_str(), text);
        }
        assert_eq!(Scope::parse(" a:b:c   d ").as_str(), "a:b:c d");
    }

    #[test]
    fn the_same_resource_is_named_once() {
        let merged = Scope::pull("a")
            .and(&Scope::delete("a"))
            .and(&Scope::pull("b"))
            .and(&Scope::push("a"));
        assert_eq!(
            merged.as_str(),
            "repository:a:pull,delete,push repository:b:pull"
        );
        assert_eq!(merged.first_repository(), Some("a"));
        assert_eq!(Scope::catalog().first_repository(), None);
    }

    #[test]
    fn a_token_serves_what_its_scope_covers() {
        for (token, request, covered) in [
            ("repository:a:pull", "repository:a:pull", true),
            ("repository:a:pull,push", "repository:a:pull", true),
            ("repository:a:pull", "repository:a:pull,push", false),
            ("repository:a:pull", "repository:b:pull", false),
            ("repository:a:pull", "", true),
            ("", "repository:a:pull", false),
            ("repository:a:*", "repository:a:delete", true),
            ("*", "repository:a:delete", true),
            ("repository:a:pull", "*", false),
            (
                "repository:a:pull,push repository:b:pull",
                "repository:b:pull",
                true,
            ),
            (
                "repository:a:pull,push",
                "repository:a:pull repository:b:pull",
                false,
            ),
            ("repository:ab:pull", "repository:a:pull", false),
            ("repository:a:pull,push", "registry:a:pull", false),
        ] {
            let covers = Scope::parse(token).covers(&Scope::parse(request));
            assert_eq!(covers, covered, "{token} for {request}");
        }
    }

    #[test]
    fn only_reading_is_tried_as_nobody() {
        for (scope, reads) in [
            (Scope::none(), true),
            (Scope::pull("a").and(&Scope::pull("b")), true),
            (Scope::catalog(), true),
            (Scope::push("a"), false),
            (Scope::delete("a"), false),
            (Scope::pull("a").and(&Scope::push("b")), false),
        ] {
            assert_eq!(scope.only_reads(), reads, "{scope}");
        }
    }

    #[test]
    fn the_challenge_is_believed_first() {
        let mount = Scope::push("a").and(&Scope::pull("b"));
        for (row, scope, challenged, expected) in [
            (
                "as challenged",
                Scope::pull("a"),
                "repository:a:pull",
                &["repository:a:pull"][..],
            ),
            (
                "nothing challenged",
                Scope::push("a"),
                "",
                &["repository:a:pull,push"],
            ),
            (
                "another word for it",
                Scope::pull("a"),
                "*",
                &["*", "repository:a:pull"],
            ),
            (
                "another name for it",
                Scope::pull("a"),
                "repository:team/a:pull",
                &["repository:team/a:pull", "repository:a:pull"],
            ),
            (
                "a deletion",
                Scope::delete("a/delete"),
                "",
                &["repository:a/delete:delete", "repository:a/delete:*"],
            ),
            (
                "a mount whose source is not named",
                mount.clone(),
                "repository:a:push,pull",
                &["repository:a:pull,push repository:b:pull"],
            ),
            (
                "a look of who will push",
                Scope::push("a"),
                "repository:a:pull",
                &["repository:a:pull,push"],
            ),
            (
                "a mount of everything",
                mount,
                "*",
                &["*", "repository:a:pull,push repository:b:pull"],
            ),
            ("ping", Scope::none(), "", &[""]),
        ] {
            let attempts = scope.attempts(&Scope::parse(challenged));
            let texts: Vec<_> = attempts.iter().map(Scope::as_str).collect();
            assert_eq!(texts, expected, "{row}");
        }
    }
}
