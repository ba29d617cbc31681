//! What a person asks about: a tag or a digest, with as much of the repository's name as it takes.

use crate::oci::Digest;

/// `v1`, `sha256:…`, `shop/web:v1`, `registry.example/shop/web@sha256:…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) struct Target<'t> {
    /// The end of `host/path`, in whole segments; `None` for any repository.
    path: Option<&'t str>,
    /// The tag or digest.
    pub(super) name: &'t str,
}

impl<'t> Target<'t> {
    pub(in crate::plan) fn new(text: &'t str) -> Self {
        let is_digest = |text: &str| text.parse::<Digest>().is_ok();
        let parts = if is_digest(text) {
            None
        } else if let Some(parts) = text.rsplit_once('@').filter(|parts| is_digest(parts.1)) {
            Some(parts)
        } else {
            // a tag holds neither; what stands behind a port does
            let parts = text.rsplit_once(':');
            parts.filter(|(_, tag)| !tag.contains('/'))
        };
        match parts {
            Some((path, name)) => Self {
                path: Some(path),
                name,
            },
            None => Self {
                path: None,
                name: text,
            },
        }
    }

    /// Whether it may be in this repository.
    pub(in crate::plan) fn may_be_in(&self, host: &str, repository: &str) -> bool {
        let Some(path) = self.path else { return true };
        let whole = format!("{host}/{repository}");
        whole
            .strip_suffix(path)
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_of_the_name_as_it_takes() {
        let digest = Digest::of(b"a").to_string();
        let (host, path) = ("127.0.0.1:5555", "shop/web");
        for (text, name, expected) in [
            ("v1", "v1", true),
            (digest.as_str(), digest.as_str(), true),
            ("shop/web:v1", "v1", true),
            ("web:v1", "v1", true),
            ("127.0.0.1:5555/shop/web:v1", "v1", true),
            (&format!("shop/web@{digest}"), digest.as_str(), true),
            ("eb:v1", "v1", false),
            ("shop/api:v1", "v1", false),
            ("127.0.0.1:5555/shop/web", "127.0.0.1:5555/shop/web", true),
        ] {
            let target = Target::new(text);
            assert_eq!(target.name, name, "{text}");
            assert_eq!(target.may_be_in(host, path), expected, "{text}");
        }
    }
}
