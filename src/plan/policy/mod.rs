//! What a policy means: which facts it needs, and what its rules say about an image.

mod condition;
mod contents;
mod judge;
mod needs;
mod places;
mod tried;
mod truth;
mod words;

pub use crate::configuration::policy::Policy;
pub(super) use judge::Judge;
pub use needs::Needs;
pub(super) use tried::Tried;
use truth::Fact;
pub(super) use truth::Truth;

use super::inventory::{Image, ImageTag};

/// A tag, and its position among all tags of its manifest.
pub(super) type PlacedTag<'i> = (u32, ImageTag<'i>);

/// What rules are asked about, one after the other: each own tag of a manifest, in their order, or
/// once the manifest as untagged.
pub(super) fn subjects(image: Image<'_>) -> impl Iterator<Item = Option<PlacedTag<'_>>> {
    let mut own_tags = image.own_tags().peekable();
    let untagged = own_tags.peek().is_none().then_some(None);
    let tags = (0..).zip(image.tags()).filter_map(move |(position, tag)| {
        own_tags.next_if(|own| own.name == tag.name)?;
        Some(Some((position, tag)))
    });
    tags.chain(untagged)
}
