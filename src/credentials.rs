//! Everything that is known for one registry.

use std::fmt;

use crate::credential::Credential;

/// What somebody knows for one registry: a credential for all of it, and others for some of its
/// repositories, as Podman's `auth.json` keeps them. [`Default`] is nothing.
///
/// # Examples
///
/// ```
/// use portreeve::auth::{Credential, Credentials};
///
/// let known = Credentials::from(Credential::basic("reader", "r"))
///     .below("team", Credential::basic("team-robot", "t"));
/// assert_eq!(known.for_repository(Some("team/web")), Some(&Credential::basic("team-robot", "t")));
/// assert_eq!(known.for_repository(Some("teams/web")), Some(&Credential::basic("reader", "r")));
/// assert_eq!(known.for_repository(None), Some(&Credential::basic("reader", "r")));
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    whole: Option<Credential>,
    parts: Vec<(String, Credential)>,
}

impl Credentials {
    /// Adds a credential for the repository at `path` and all those below it.
    #[must_use]
    pub fn below(mut self, path: impl Into<String>, credential: Credential) -> Self {
        self.parts.push((path.into(), credential));
        self
    }

    /// The credential for a repository, the most specific first; for `None`, that of the registry.
    #[must_use]
    pub fn for_repository(&self, repository: Option<&str>) -> Option<&Credential> {
        let holds = |path: &str| {
            repository
                .and_then(|name| name.strip_prefix(path))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.parts
            .iter()
            .filter(|(path, _)| holds(path))
            .max_by_key(|(path, _)| path.len())
            .map(|(_, credential)| credential)
            .or(self.whole.as_ref())
    }

    /// The credential for the whole registry.
    #[must_use]
    pub fn whole(&self) -> Option<&Credential> {
        self.whole.as_ref()
    }

    /// The credentials for parts of it, each with its path.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &Credential)> {
        self.parts
            .iter()
            .map(|(path, credential)| (path.as_str(), credential))
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.parts.is_empty()
    }
}

impl From<Credential> for Credentials {
    fn from(whole: Credential) -> Self {
        Self::from(Some(whole))
    }
}

impl From<Option<Credential>> for Credentials {
    fn from(whole: Option<Credential>) -> Self {
        Self {
            whole,
            parts: Vec::new(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Credentials({:?}, {} for repositories)",
            self.whole,
            self.parts.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Credential {
        Credential::basic(name, "SECRET")
    }

    #[test]
    fn the_most_specific_path_wins_in_any_order() {
        let known = Credentials::default()
            .below("team", of("team"))
            .below("team/web/next", of("next"))
            .below("team/web", of("web"));
        for (repository, expected) in [
            ("team/web/next", Some("next")),
            ("team/web/next/x", Some("next")),
            ("team/web/nextdoor", Some("web")),
            ("team/web", Some("web")),
            ("team/api", Some("team")),
            ("teams/web", None),
            ("te", None),
        ] {
            let found = known.for_repository(Some(repository)).cloned();
            assert_eq!(found, expected.map(of), "{repository}");
        }
        assert_eq!(known.for_repository(None), None);
    }

    #[test]
    fn a_secret_never_shows() {
        let known = Credentials::from(of("visible")).below("a", of("visible"));
        let shown = format!("{known:?} {known:#?}");
        assert!(!shown.contains("SECRET") && !shown.contains("visible"));
    }
}
