//! Tags that stand in for a referrers endpoint: `sha256-<hex>` of the distribution specification,
//! and cosign's `.sig`, `.att` and `.sbom`.

use crate::{cleanup::reading::Reading, oci::Digest, plan::inventory::Kind};

/// What a tag of this form claims to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// An index of referrers.
    Referrers,
    /// cosign's manifest of this kind.
    Of(Kind),
}

/// The subject that a tag names, if it has such a form.
#[must_use]
pub(super) fn subject(tag: &str) -> Option<Digest> {
    claim(tag).map(|(subject, _)| subject)
}

/// The tags under which cosign keeps what it makes of a digest.
pub(super) fn tags_of_cosign(subject: &Digest) -> [String; 3] {
    ["sig", "att", "sbom"].map(|suffix| format!("sha256-{}.{suffix}", subject.hex()))
}

/// The subject of the fallback tags among `tags`, if what they show really is what they claim.
///
/// A name proves nothing: anything may be pushed under it, and would go with its "subject". Tags
/// that speak of two subjects (an empty index has the same digest for all) are ordinary tags.
pub(super) fn verified<'a>(
    reading: &Reading,
    digest: &Digest,
    tags: impl Iterator<Item = &'a String>,
) -> Option<Digest> {
    let facts = reading.facts(digest)?;
    let mut subjects = tags.filter_map(|tag| {
        let (subject, claim) = claim(tag)?;
        let is_true = match claim {
            Claim::Referrers => {
                let refers = |child: &crate::cleanup::known::Child| {
                    let facts = reading.facts(&child.digest);
                    facts.is_some_and(|facts| facts.subject == Some(subject))
                };
                crate::oci::media_type::is_index(&facts.media_type)
                    && facts.children.iter().all(refers)
            }
            Claim::Of(kind) => facts.kind == kind,
        };
        let may_be = facts.subject.is_none_or(|other| other == subject);
        (is_true && may_be).then_some(subject)
    });
    let first = subjects.next()?;
    subjects.all(|other| other == first).then_some(first)
}

fn claim(tag: &str) -> Option<(Digest, Claim)> {
    let rest = tag.strip_prefix("sha256-")?;
    let (hex, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    let claim = match suffix {
        "" if hex == rest => Claim::Referrers,
        "sig" => Claim::Of(Kind::Signature),
        "att" => Claim::Of(Kind::Attestation),
        "sbom" => Claim::Of(Kind::Sbom),
        _ => return None,
    };
    Some((format!("sha256:{hex}").parse().ok()?, claim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_fallback_tags() {
        let digest = Digest::of(b"image");
        for tag in tags_of_cosign(&digest) {
            assert_eq!(subject(&tag), Some(digest), "{tag}");
        }
        assert_eq!(subject(&format!("sha256-{}", digest.hex())), Some(digest));
        for tag in [
            format!("sha256-{}.", digest.hex()),
            format!("sha256-{}.sig2", digest.hex()),
            format!("sha512-{}.sig", digest.hex()),
            "sha256-abc".to_owned(),
            "latest".to_owned(),
        ] {
            assert_eq!(subject(&tag), None, "{tag}");
        }
    }
}
