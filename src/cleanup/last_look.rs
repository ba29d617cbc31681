//! The last look at a group, right before it goes: its own tags by HEAD, and what speaks of it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{fallback, group::Group, living::Living, run::Skipped};
use crate::{
    client::{Client, Source},
    error::Result,
    io::Io,
    oci::{Digest, Target},
    sorted,
};

/// What is different from what the sweep saw; `None` where nothing is.
///
/// The requests of a group with one tag: its HEAD, one or two for the referrers, and three HEADs
/// for the tags under which cosign signs without a referrers endpoint.
pub(super) async fn differs<I: Io>(
    client: &Client<I>,
    repository: &str,
    group: &Group,
    living: &Living,
    gone: &BTreeMap<Digest, Digest>,
) -> Result<Option<(Skipped, String)>> {
    let mut expected: BTreeMap<String, Option<Digest>> = BTreeMap::new();
    let known = living.tags();
    for tag in fallback::tags_of_cosign(&group.root) {
        // one that is there and proves nothing is somebody's image, and protects nothing
        if !known.contains_key(&*tag) {
            expected.insert(tag, None);
        }
    }
    for member in group
        .members
        .iter()
        .filter(|member| !gone.contains_key(&member.digest))
    {
        let tags = member.tags.iter();
        expected.extend(tags.map(|tag| (tag.clone(), Some(member.digest))));
    }
    let mut heads = std::pin::pin!(
        stream::iter(expected)
            .map(async |(tag, expected)| {
                let head = client.head(repository, &Target::Tag(tag.clone())).await?;
                Ok::<_, crate::error::Error>((tag, expected, head.map(|head| head.digest)))
            })
            .buffer_unordered(client.limits().concurrency)
    );
    while let Some((tag, expected, shown)) = heads.try_next().await? {
        if shown != expected {
            let reason = match expected {
                Some(_) => Skipped::TagMoved,
                None => Skipped::ReferrersChanged,
            };
            let explanation = match shown {
                Some(digest) => format!("the tag {tag} shows {digest} by now"),
                None => format!("the tag {tag} is gone"),
            };
            return Ok(Some((reason, explanation)));
        }
    }
    referrers_differ(client, repository, &group.root, living, gone).await
}

async fn referrers_differ<I: Io>(
    client: &Client<I>,
    repository: &str,
    root: &Digest,
    living: &Living,
    gone: &BTreeMap<Digest, Digest>,
) -> Result<Option<(Skipped, String)>> {
    let found = client.referrers(repository, root).await?;
    let changed = |explanation: String| Ok(Some((Skipped::ReferrersChanged, explanation)));
    if let Some(reason) = found.completeness.reason {
        return changed(format!("its referrers cannot be listed whole: {reason}"));
    }
    let expected: BTreeSet<Digest> = match found.source {
        Source::Api => living.referrers(root),
        Source::FallbackTag => {
            let of_root = |image: &&crate::plan::inventory::Image| {
                image.fallback_for == Some(*root) && !image.children.is_empty()
            };
            let indexes = living.inventory.images.iter().filter(of_root);
            indexes
                .flat_map(|image| image.children.iter().copied())
                .collect()
        }
        // a tag that went was noticed above
        Source::None => return Ok(None),
    };
    let shown = found.descriptors.iter();
    let shown = sorted::set(shown.map(|descriptor| descriptor.digest));
    let expected = expected.into_iter();
    let expected = sorted::set(expected.filter(|digest| !gone.contains_key(digest)));
    if let Some(new) = shown.difference(&expected).next() {
        return changed(format!("{new} speaks of it by now"));
    }
    if let Some(lost) = expected.difference(&shown).next() {
        return changed(format!("{lost} speaks of it no more"));
    }
    Ok(None)
}
