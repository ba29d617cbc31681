//! How people and container runtimes write an image.

use crate::oci::{Digest, Reference, is_tag};
use crate::plan::reports::Used;

/// The longest text that a report takes over, in bytes.
const LONGEST: usize = 1000;

/// What a container's `image`, or a line of a list, names. `None` where it is no image.
pub(super) fn written(text: &str, running: bool) -> Option<Used> {
    let text = text.trim();
    if let Some(used) = id(text) {
        return Some(used);
    }
    if let Ok(reference) = text.parse::<Reference>() {
        return Some(Used::named(reference, running));
    }
    // whatever precedes it, a digest says what is meant
    let (_, digest) = text.rsplit_once('@')?;
    let digest = digest.parse().ok()?;
    let repository = None;
    Some(Used::Digest { digest, repository })
}

/// What a container status' `imageID` names; `None` where it is empty.
///
/// - containerd and CRI-O: `cr.acme.dev/web@sha256:<manifest>`; for an image that came by no
///   registry containerd gives `sha256:<id>`, and CRI-O, after a restart or in some releases for
///   all images (cri-o#7149, cri-o#9987), the bare 64 digits;
/// - docker: `docker-pullable://web@sha256:<manifest>`, or `docker://sha256:<id>`.
pub(super) fn running(text: &str) -> Option<Used> {
    let text = text.trim();
    let name = text.split_once("://").map_or(text, |(_, name)| name);
    if name.is_empty() {
        return None;
    }
    written(name, true).or_else(|| Some(unresolved(name)))
}

/// An image id: a digest without a repository.
fn id(text: &str) -> Option<Used> {
    if let Ok(digest) = text.parse::<Digest>() {
        return Some(Used::Config(digest));
    }
    let is_hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let digest = is_hex.then(|| format!("sha256:{}", text.to_ascii_lowercase()))?;
    digest.parse().ok().map(Used::Config)
}

/// What cannot be understood, without what may be a password in it.
pub(super) fn unresolved(text: &str) -> Used {
    Used::Unresolved(clipped(without_credentials(text)))
}

/// The repository of an `oci://` address, or of one without a scheme, as `host/path`.
pub(super) fn repository(url: &str) -> Option<String> {
    let name = match url.split_once("://") {
        Some(("oci", name)) => name,
        Some(_) => return None,
        None => url,
    };
    let name = without_credentials(name).trim_end_matches('/');
    let reference = name.parse::<Reference>().ok()?;
    Some(format!("{}/{}", reference.host(), reference.repository()))
}

/// What a version of a chart or artifact in `repository` names.
pub(super) fn version(repository: &str, version: &str) -> Used {
    if let Ok(digest) = version.parse() {
        let repository = Some(repository.to_owned());
        return Used::Digest { digest, repository };
    }
    let tag = tag(version);
    let reference = tag.and_then(|tag| format!("{repository}:{tag}").parse().ok());
    reference.map_or_else(
        || Used::Unresolved(repository.to_owned()),
        |reference| Used::named(reference, false),
    )
}

/// The tag of one version, in which OCI writes `_` for `+`; `None` for a range of versions.
pub(super) fn tag(version: &str) -> Option<String> {
    let digits = version.strip_prefix('v').unwrap_or(version);
    let core = digits.split(['-', '+']).next().unwrap_or_default();
    let is_part =
        |part: &str| matches!(part, "x" | "X" | "*") || part.bytes().all(|b| b.is_ascii_digit());
    let parts = || core.split('.');
    let is_partial = parts().all(is_part)
        && (parts().count() < 3 || parts().any(|part| matches!(part, "x" | "X" | "*")));
    let tag = version.replace('+', "_");
    (!is_partial && is_tag(&tag)).then_some(tag)
}

/// The text without `user:password@`, and without what precedes it.
fn without_credentials(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}

/// The beginning of a text.
pub(super) fn clipped(text: &str) -> String {
    let mut end = LONGEST.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(used: Option<Used>) -> String {
        match used {
            None => String::new(),
            Some(used @ Used::Digest { .. }) => format!("digest {used}"),
            Some(used @ Used::Config(_)) => format!("config {used}"),
            Some(used @ Used::Unresolved(_)) => format!("unresolved {used}"),
            Some(used) => used.to_string(),
        }
    }

    #[test]
    fn rule_20_every_form_of_image_id_says_what_runs() {
        let hex = "ab".repeat(32);
        let digest = format!("sha256:{hex}");
        for (runtime, text, expected) in [
            (
                "containerd and CRI-O",
                format!("registry.k8s.io/pause@{digest}"),
                format!("digest registry.k8s.io/pause@{digest}"),
            ),
            (
                "containerd, an image of Docker Hub",
                format!("docker.io/library/nginx@{digest}"),
                format!("digest docker.io/library/nginx@{digest}"),
            ),
            (
                "containerd, imported",
                digest.clone(),
                format!("config {digest}"),
            ),
            ("CRI-O, an id", hex.clone(), format!("config {digest}")),
            (
                "docker",
                format!("docker-pullable://nginx@{digest}"),
                format!("digest docker.io/library/nginx@{digest}"),
            ),
            (
                "docker, built there",
                format!("docker://{digest}"),
                format!("config {digest}"),
            ),
            (
                "k3s, imported",
                format!("docker.io/library/import-2026-11-24@{digest}"),
                format!("digest docker.io/library/import-2026-11-24@{digest}"),
            ),
            (
                "a host that no reference may have",
                format!("my_registry:5000/web@{digest}"),
                format!("digest {digest}"),
            ),
            (
                "with its tag",
                format!("cr.acme.dev/web:v1@{digest}"),
                format!("digest cr.acme.dev/web@{digest}"),
            ),
            (
                "a name alone",
                "docker://cr.acme.dev/web:v1".to_owned(),
                "cr.acme.dev/web:v1".to_owned(),
            ),
            ("not pulled yet", String::new(), String::new()),
            (
                "what nobody knows",
                "rkt://?".to_owned(),
                "unresolved ?".to_owned(),
            ),
            (
                "an algorithm that nobody verifies",
                format!("web@sha384:{hex}"),
                format!("unresolved sha384:{hex}"),
            ),
        ] {
            assert_eq!(shown(running(&text)), expected, "{runtime}");
        }
    }

    #[test]
    fn a_range_of_versions_is_no_tag() {
        for version in [
            "",
            "*",
            "6",
            "v6",
            "6.1",
            "6.x",
            "6.1.x",
            "6.*",
            "^6.1.0",
            ">=1.0.0",
            "~6.1.0",
            "1.0.0 - 2.0.0",
            "1.0.0 || 2.0.0",
        ] {
            assert_eq!(tag(version), None, "{version}");
        }
        for (version, expected) in [
            ("6.1.8", "6.1.8"),
            ("v6.1.8", "v6.1.8"),
            ("6.1.8-rc.1", "6.1.8-rc.1"),
            ("6.1.8+build.5", "6.1.8_build.5"),
            ("latest", "latest"),
            ("main-6", "main-6"),
        ] {
            assert_eq!(tag(version).as_deref(), Some(expected), "{version}");
        }
    }

    #[test]
    fn an_address_gives_its_repository_and_never_its_password() {
        for (url, expected) in [
            ("oci://ghcr.io/acme/charts", "ghcr.io/acme/charts"),
            (
                "oci://robot:secret@ghcr.io/acme/charts/",
                "ghcr.io/acme/charts",
            ),
            (
                "registry-1.docker.io/bitnamicharts",
                "registry-1.docker.io/bitnamicharts",
            ),
            ("https://robot:secret@charts.acme.dev", ""),
            ("git@github.com:acme/charts.git", ""),
        ] {
            assert_eq!(repository(url).unwrap_or_default(), expected, "{url}");
        }
        assert_eq!(
            unresolved("robot:secret@Cr.acme.dev/Web").to_string(),
            "Cr.acme.dev/Web"
        );
    }

    #[test]
    fn a_long_text_ends_between_two_characters() {
        let text = "é".repeat(600);
        assert_eq!(clipped(&text).len(), 1000);
        assert_eq!(clipped(&format!("a{text}")).len(), 999);
    }
}
