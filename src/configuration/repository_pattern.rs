//! `upstream/path`: how clients' grants and jobs name repositories.

use std::fmt;

use super::Glob;
use super::reader::Node;

/// A pattern over the repositories of one upstream, such as `ghcr/acme/**`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepositoryPattern {
    /// The upstream's name: the first segment, which is never a wildcard.
    pub upstream: String,
    /// The pattern over the repositories' paths.
    pub path: Glob,
}

impl RepositoryPattern {
    /// Whether it means the repository at `path` of `upstream`.
    #[must_use]
    pub fn matches(&self, upstream: &str, path: &str) -> bool {
        self.upstream == upstream && self.path.matches(path)
    }

    /// Reads a pattern whose upstream must be one of `upstreams`.
    pub(super) fn read<'n>(
        node: &Node<'_>,
        mut upstreams: impl Iterator<Item = &'n str>,
    ) -> Option<Self> {
        let text = node.string()?;
        let Some((upstream, path)) = text.split_once('/') else {
            node.problem(
                "expected an upstream's name, a slash and a pattern, such as ghcr/acme/**",
            );
            return None;
        };
        if !upstreams.any(|name| name == upstream) {
            node.problem(format!("no upstream is called `{upstream}`"));
            return None;
        }
        let path: Glob = match path.parse() {
            Ok(path) => path,
            Err(problem) => {
                node.problem(problem.to_string());
                return None;
            }
        };
        if path.as_str().bytes().any(|byte| byte.is_ascii_uppercase()) {
            node.problem("no repository's path holds capital letters");
            return None;
        }
        Some(Self {
            upstream: upstream.to_owned(),
            path,
        })
    }
}

impl fmt::Display for RepositoryPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.upstream, self.path)
    }
}
