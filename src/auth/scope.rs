//! What a token must allow.

/// What a request needs to be allowed, in docker's notation `repository:team/web:pull`.
///
/// # Examples
///
/// ```
/// use portreeve::auth::Scope;
///
/// assert_eq!(Scope::pull("team/web").as_str(), "repository:team/web:pull");
/// assert_eq!(Scope::none().as_str(), "");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    text: String,
    deletes: bool,
}

impl Scope {
    /// No permission but to be somebody: `GET /v2/`.
    #[must_use]
    pub fn none() -> Self {
        Self {
            text: String::new(),
            deletes: false,
        }
    }

    /// To read a repository.
    #[must_use]
    pub fn pull(repository: &str) -> Self {
        Self::repository(repository, "pull")
    }

    /// To push to a repository, for which every registry wants `pull` as well.
    #[must_use]
    pub fn push(repository: &str) -> Self {
        Self::repository(repository, "pull,push")
    }

    /// To delete from a repository.
    #[must_use]
    pub fn delete(repository: &str) -> Self {
        Self {
            deletes: true,
            ..Self::repository(repository, "delete")
        }
    }

    /// To list the repositories, in the notation of the distribution registry.
    #[must_use]
    pub fn catalog() -> Self {
        Self {
            text: "registry:catalog:*".to_owned(),
            ..Self::none()
        }
    }

    fn repository(name: &str, actions: &str) -> Self {
        Self {
            text: format!("repository:{name}:{actions}"),
            deletes: false,
        }
    }

    /// The notation that the token server reads; empty for [`Scope::none`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What to ask a token server for, one after the other while the registry finds the last
    /// token insufficient: what the challenge named, what we know to need, and for a deletion
    /// `*`, because distribution and Quay name it differently.
    #[must_use]
    pub(crate) fn attempts(&self, challenged: Option<&str>) -> Vec<String> {
        let mut attempts = Vec::new();
        attempts.extend(challenged.map(str::to_owned));
        attempts.push(self.text.clone());
        if let Some(repository) = self.text.strip_suffix("delete").filter(|_| self.deletes) {
            attempts.push(format!("{repository}*"));
        }
        attempts.dedup();
        attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_believed_first() {
        for (row, scope, challenged, expected) in [
            (
                "as challenged",
                Scope::pull("a"),
                Some("repository:a:pull"),
                &["repository:a:pull"][..],
            ),
            (
                "nothing challenged",
                Scope::push("a"),
                None,
                &["repository:a:pull,push"],
            ),
            (
                "another word for it",
                Scope::pull("a"),
                Some("*"),
                &["*", "repository:a:pull"],
            ),
            (
                "a deletion",
                Scope::delete("a/delete"),
                None,
                &["repository:a/delete:delete", "repository:a/delete:*"],
            ),
            ("ping", Scope::none(), None, &[""]),
        ] {
            assert_eq!(scope.attempts(challenged), expected, "{row}");
        }
    }
}
