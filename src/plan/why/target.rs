//! What a person asks about: a tag or a digest, with as much of the repository's name as it takes.

use crate::error::{Code, Error, Result};
use crate::oci::Digest;
use crate::plan::graph::Node;
use crate::plan::inventory::{Image, Inventory};

/// So many repositories that hold it are named.
const MOST_NAMED: usize = 10;

/// `v1`, `sha256:…`, `shop/web:v1`, `registry.example/shop/web@sha256:…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target<'t> {
    /// The end of `host/path`, in whole segments; `None` for any repository.
    path: Option<&'t str>,
    /// The tag or digest.
    pub(super) name: &'t str,
}

impl<'t> Target<'t> {
    pub(super) fn new(text: &'t str) -> Self {
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
    fn may_be_in(&self, host: &str, repository: &str) -> bool {
        let Some(path) = self.path else { return true };
        let whole = format!("{host}/{repository}");
        whole
            .strip_suffix(path)
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }
}

/// The one inventory, by its place, that holds what is asked about, and its node there.
///
/// # Errors
///
/// `not_found` where none does, `invalid_argument` where several do.
pub(in crate::plan) fn find<'i>(
    inventories: impl Iterator<Item = &'i Inventory>,
    text: &str,
) -> Result<(usize, Node)> {
    let target = Target::new(text);
    let (mut found, mut names, mut is_unreadable) = (None, Vec::new(), false);
    for (place, inventory) in inventories.enumerate() {
        if !target.may_be_in(&inventory.host, &inventory.repository) {
            continue;
        }
        if let Some(node) = node(inventory, target.name) {
            found = Some((place, node));
            names.push(format!("{}/{}", inventory.host, inventory.repository));
        }
        is_unreadable |= inventory
            .unreadable_tags
            .iter()
            .any(|tag| tag == target.name);
    }
    let refuse = |code, found: String, next: &str| {
        let error = Error::new(code, found).doing("explaining a verdict");
        Err(error.next(next.to_owned()))
    };
    match (found, names.len()) {
        (Some(found), 1) => Ok(found),
        (Some(_), count) => {
            names.truncate(MOST_NAMED);
            let names = names.join(", ");
            refuse(
                Code::InvalidArgument,
                format!("{count} repositories hold {text}: {names}"),
                "write as much of the repository before it as tells them apart",
            )
        }
        (None, _) if is_unreadable => refuse(
            Code::NotFound,
            format!("the tag {text} is listed, and its manifest could not be read"),
            "see the plan's warnings",
        ),
        (None, _) => refuse(
            Code::NotFound,
            format!("no repository of the plan holds the tag or digest {text}"),
            "name a tag or a whole digest as the plan shows it",
        ),
    }
}

fn node(inventory: &Inventory, name: &str) -> Option<Node> {
    if let Ok(digest) = name.parse::<Digest>() {
        return inventory.find(&digest);
    }
    let has_it = |image: &Image<'_>| image.tags().any(|tag| tag.name == name);
    let mut images = inventory.images();
    images.find(has_it).map(|image| image.row())
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
