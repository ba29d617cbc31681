//! Addresses below `/v2/`.

use url::Url;

use crate::{
    error::{Code, Error, Result},
    oci::{Target, is_repository, is_tag},
};

/// The registry's root, such as `https://ghcr.io/`.
///
/// # Errors
///
/// `invalid_reference` for what is no host with an optional port.
///
/// # Examples
///
/// ```
/// use portreeve::api::address;
///
/// assert_eq!(address::root("ghcr.io", false)?.as_str(), "https://ghcr.io/");
/// assert_eq!(address::root("127.0.0.1:5555", true)?.as_str(), "http://127.0.0.1:5555/");
/// assert!(address::root("user@evil.example", false).is_err());
/// # Ok::<(), portreeve::error::Error>(())
/// ```
pub fn root(host: &str, plain_http: bool) -> Result<Url> {
    let scheme = if plain_http { "http" } else { "https" };
    let bare =
        !host.is_empty() && host.is_ascii() && !host.contains(['/', '?', '#', '@', '\\', ' ', '%']);
    bare.then(|| Url::parse(&format!("{scheme}://{host}/")).ok())
        .flatten()
        .ok_or_else(|| {
            Error::new(
                Code::InvalidReference,
                format!("`{host}` is no registry host"),
            )
            .next("write a host name with an optional port, such as ghcr.io or 127.0.0.1:5000")
        })
}

/// The address of something in a repository, such as `/v2/team/web/tags/list`.
///
/// # Errors
///
/// `invalid_reference` for what is no repository name: `..` must not lead elsewhere.
pub fn in_repository(root: &Url, repository: &str, rest: &str) -> Result<Url> {
    if !is_repository(repository) {
        let found = format!("`{repository}` is no repository name");
        return Err(Error::new(Code::InvalidReference, found));
    }
    root.join(&format!("/v2/{repository}/{rest}"))
        .map_err(|error| Error::new(Code::InvalidReference, error.to_string()))
}

/// The address of a manifest.
///
/// # Errors
///
/// `invalid_reference` for what is no repository or no tag.
pub fn of_manifest(root: &Url, repository: &str, target: &Target) -> Result<Url> {
    if let Target::Tag(tag) = target
        && !is_tag(tag)
    {
        return Err(Error::new(
            Code::InvalidReference,
            format!("`{tag}` is no tag"),
        ));
    }
    in_repository(root, repository, &format!("manifests/{target}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_lead_elsewhere() {
        let root = root("registry.example", false).unwrap();
        for repository in ["", "..", "a/../b", "a//b", "a%2f..", "a?x", "a#x", "/a"] {
            let error = in_repository(&root, repository, "tags/list").unwrap_err();
            assert_eq!(error.code(), Code::InvalidReference, "{repository}");
        }
        for tag in ["", "..", "a/b", "v1?x=1", "v1#x", "-"] {
            assert!(
                of_manifest(&root, "a", &Target::Tag(tag.into())).is_err(),
                "{tag}"
            );
        }
    }

    #[test]
    fn hosts_cannot_hold_more_than_a_host() {
        for host in [
            "", "a/b", "a@b", "a?b", "a#b", "a b", "a:b", "a%2fb", "[::1",
        ] {
            assert!(root(host, false).is_err(), "{host}");
        }
        assert_eq!(
            root("[::1]:5000", true).unwrap().as_str(),
            "http://[::1]:5000/"
        );
    }
}
