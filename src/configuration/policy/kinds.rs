//! The kinds that a policy or a rule can name.

use crate::configuration::reader::Node;
use crate::oci::Kind;
use crate::sorted;

/// `image` means indexes of images, too: to a person an image of two platforms is an image.
const WORDS: [(&str, Kind); 7] = [
    ("image", Kind::Image),
    ("chart", Kind::Chart),
    ("cache", Kind::Cache),
    ("signature", Kind::Signature),
    ("attestation", Kind::Attestation),
    ("sbom", Kind::Sbom),
    ("other", Kind::Other),
];

/// Reads a list of kinds, each once, in their own order.
pub(super) fn read(node: &Node<'_>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (word, item) in node.strings() {
        if word == "index" {
            item.problem("write image: it means indexes of images, too");
        } else if let Some(kind) = item.word(&WORDS) {
            kinds.push(kind);
        }
    }
    sorted::sort(&mut kinds);
    kinds.dedup();
    kinds
}

/// Whether a list of kinds means this one.
pub(super) fn mean(kinds: &[Kind], kind: Kind) -> bool {
    let named = if kind.is_image() { Kind::Image } else { kind };
    kinds.contains(&named)
}

/// The kinds as the hash and the policy's words name them.
pub(super) fn words(kinds: &[Kind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}
