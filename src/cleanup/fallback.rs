//! Tags that stand in for a referrers endpoint: `sha256-<hex>` of the distribution specification
//! (of sha512 the first 64 digits), and cosign's `.sig`, `.att` and `.sbom`.

use crate::{
    cleanup::{known::Facts, reading::Reading},
    oci::{Digest, media_type},
    plan::inventory::Kind,
};

/// What a tag of this form claims to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// An index of referrers of this digest.
    Referrers(Digest),
    /// An index of referrers of a digest that begins so: a tag holds only half of a sha512.
    ReferrersOfHalf,
    /// cosign's manifest of this kind, made of this digest.
    Of(Kind, Digest),
}

/// Whether a tag claims to be a fallback tag.
#[must_use]
pub(super) fn has_form(tag: &str) -> bool {
    claim(tag).is_some()
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
        let subject = match claim(tag)? {
            Claim::Referrers(subject) => are_referrers(reading, facts, subject).then_some(subject),
            Claim::ReferrersOfHalf => {
                let child = facts.children.first()?;
                let subject = reading.facts(&child.digest)?.subject?;
                (subject.fallback_tag() == *tag && are_referrers(reading, facts, subject))
                    .then_some(subject)
            }
            Claim::Of(kind, subject) => (facts.kind == kind).then_some(subject),
        }?;
        let may_be = facts.subject.is_none_or(|other| other == subject);
        may_be.then_some(subject)
    });
    let first = subjects.next()?;
    subjects.all(|other| other == first).then_some(first)
}

/// Whether it is an index of nothing but manifests that speak of `subject`.
fn are_referrers(reading: &Reading, index: &Facts, subject: Digest) -> bool {
    let refers = |digest| {
        let facts = reading.facts(digest);
        facts.is_some_and(|facts| facts.subject == Some(subject))
    };
    media_type::is_index(&index.media_type)
        && index.children.iter().all(|child| refers(&child.digest))
}

fn claim(tag: &str) -> Option<Claim> {
    if let Some(hex) = tag.strip_prefix("sha512-") {
        // the grammar of a whole one, with the half that the tag leaves out
        let whole = format!("sha512:{hex}{hex}").parse::<Digest>();
        return whole.is_ok().then_some(Claim::ReferrersOfHalf);
    }
    let rest = tag.strip_prefix("sha256-")?;
    let (hex, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    let subject = format!("sha256:{hex}").parse().ok()?;
    Some(match suffix {
        "" if hex == rest => Claim::Referrers(subject),
        "sig" => Claim::Of(Kind::Signature, subject),
        "att" => Claim::Of(Kind::Attestation, subject),
        "sbom" => Claim::Of(Kind::Sbom, subject),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::referrers::cosign_tags, oci::Algorithm};

    #[test]
    fn only_whole_names_are_fallback_tags() {
        let digest = Digest::of(b"image");
        let cosign = cosign_tags(&digest);
        assert_eq!(cosign.len(), 3);
        for (tag, _) in &cosign {
            let found = claim(tag);
            let named = matches!(found, Some(Claim::Of(_, subject)) if subject == digest);
            assert!(named, "{tag}");
        }
        assert_eq!(
            claim(&digest.fallback_tag()),
            Some(Claim::Referrers(digest))
        );
        let long = Algorithm::Sha512.digest_of(b"image");
        assert_eq!(cosign_tags(&long), []);
        assert_eq!(claim(&long.fallback_tag()), Some(Claim::ReferrersOfHalf));
        for tag in [
            format!("sha256-{}.", digest.hex()),
            format!("sha256-{}.sig2", digest.hex()),
            format!("sha512-{}.sig", digest.hex()),
            "sha256-abc".to_owned(),
            "latest".to_owned(),
        ] {
            assert!(!has_form(&tag), "{tag}");
        }
    }
}
