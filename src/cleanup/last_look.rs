//! The last look at a group, right before it goes: its own tags by HEAD, what speaks of it, and,
//! where the tag list is one request, tags that were not there at the sweep.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{living::Living, reading::Listed, run::Skipped};
use crate::{
    api,
    client::{Client, Source},
    error::{Error, Result},
    io::Io,
    oci::{Descriptor, Digest, Target, media_type::is_index},
    plan::{Group, inventory::Image},
    sorted,
};

/// What is different from what the sweep saw; `None` where nothing is.
///
/// The requests of a group with one tag: its HEAD, one or two for the referrers, and three HEADs
/// for the tags under which cosign signs without a referrers endpoint, and the tag list.
pub(super) async fn differs<I: Io>(
    client: &Client<I>,
    repository: &str,
    group: &Group,
    living: &Living,
    gone: &BTreeMap<Digest, Digest>,
    lists_at_once: bool,
) -> Result<Option<(Skipped, String)>> {
    let mut expected: BTreeMap<String, Option<Digest>> = BTreeMap::new();
    for (tag, _) in api::referrers::cosign_tags(&group.root) {
        // one that is there and proves nothing is somebody's image, and protects nothing
        if !living.tags.contains_key(&tag) {
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
                Ok::<_, Error>((tag, expected, head.map(|head| head.digest)))
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
    let differs = referrers_differ(client, repository, &group.root, living, gone).await?;
    if differs.is_some() || !lists_at_once {
        return Ok(differs);
    }
    // last, because nothing else sees a new tag: it would go with the digest, and leave no trace
    claimed(client, repository, group, living).await
}

/// A tag that is new since the sweep and needs a member of the group.
async fn claimed<I: Io>(
    client: &Client<I>,
    repository: &str,
    group: &Group,
    living: &Living,
) -> Result<Option<(Skipped, String)>> {
    let mut listed = Listed::default();
    let mut pages = client.tags(repository);
    while let Some(page) = pages.next_page().await? {
        listed.add(page);
    }
    if let Some(error) = pages.broken_by() {
        return Err(error.clone());
    }
    let unreadable = &living.inventory.unreadable_tags;
    let resolved = listed.resolved();
    let is_member = |digest: &Digest| group.members.iter().any(|member| member.digest == *digest);
    for tag in &listed.tags {
        let shown = match (resolved.get(tag), living.tags.get(tag)) {
            (Some(digest), known) if known != Some(digest) => *digest,
            (None, None) if !unreadable.contains(tag) => {
                match client.head(repository, &Target::Tag(tag.clone())).await? {
                    Some(head) => head.digest,
                    None => continue,
                }
            }
            _ => continue,
        };
        let was_of_group = living.tags.get(tag).is_some_and(is_member);
        if is_member(&shown) || was_of_group {
            let explanation = format!("the tag {tag} shows {shown} by now");
            return Ok(Some((Skipped::TagMoved, explanation)));
        }
        if living.image(&shown).is_some() {
            continue;
        }
        let target = Target::Digest(shown);
        let Some(manifest) = client.manifest(repository, &target).await? else {
            continue;
        };
        let names = |child: &&Descriptor| {
            // an index below it may name anything
            is_member(&child.digest)
                || (is_index(&child.media_type) && living.image(&child.digest).is_none())
        };
        let subject = manifest.subject();
        if let Some(named) = manifest.children().chain(subject).find(names) {
            let explanation = format!("{tag} is new and names {}", named.digest);
            return Ok(Some((Skipped::InUse, explanation)));
        }
    }
    Ok(None)
}

async fn referrers_differ<I: Io>(
    client: &Client<I>,
    repository: &str,
    root: &Digest,
    living: &Living,
    gone: &BTreeMap<Digest, Digest>,
) -> Result<Option<(Skipped, String)>> {
    let found = client.referrers(repository, root).all().await?;
    let changed = |explanation: String| Ok(Some((Skipped::ReferrersChanged, explanation)));
    if let Some(reason) = found.completeness.reason {
        return changed(format!("its referrers cannot be listed whole: {reason}"));
    }
    let expected: BTreeSet<Digest> = match found.source {
        Some(Source::Api) => living.referrers(root),
        Some(_) => {
            let of_root = |image: &Image<'_>| {
                image.fallback_for() == Some(*root) && !image.child_ids().is_empty()
            };
            let indexes = living.inventory.images().filter(of_root);
            indexes.flat_map(|image| image.children()).collect()
        }
        // a tag that went was noticed above
        None => return Ok(None),
    };
    let shown = found.found.iter();
    let shown = sorted::set(shown.map(|referrer| referrer.descriptor.digest));
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
