use http::StatusCode;

use super::{Client, Completeness, reads::named};
use crate::{
    api::{freshness, referrers as api},
    auth::Scope,
    error::Result,
    io::Io,
    oci::{Content, Descriptor, Digest},
};

/// What refers to a manifest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Referrers {
    /// The referrers, in the registry's order.
    pub descriptors: Vec<Descriptor>,
    /// Who told.
    pub source: Source,
    /// Whether these are all.
    pub completeness: Completeness,
}

/// Where a list of referrers comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The registry's own endpoint.
    Api,
    /// An index under the tag `sha256-<hex>`, kept up by clients.
    FallbackTag,
    /// Neither: the registry has no such endpoint, and there is no such tag.
    None,
}

pub(super) async fn read<I: Io>(
    client: &Client<I>,
    repository: &str,
    digest: &Digest,
) -> Result<Referrers> {
    let doing = || format!("listing what refers to {repository}@{digest}");
    let scope = Scope::pull(repository);
    let limits = client.limits();
    let mut descriptors = Vec::new();
    let mut seen = Vec::new();
    let mut at = api::first(client.session.root(), repository, digest)
        .map_err(|error| client.placed(error, doing))?;
    let reason = loop {
        let request = api::request(&at).map_err(|error| client.placed(error, doing))?;
        let response = client.ask(request, &scope, limits.page, doing).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(client.refused(&response, doing));
        }
        let answer = api::read(&at, response.status(), response.headers(), response.body())
            .map_err(|error| client.placed(error, doing))?;
        let page = match answer {
            api::Answer::Page(page) => page,
            api::Answer::NoEndpoint if seen.is_empty() => {
                return fallback(client, repository, digest).await;
            }
            api::Answer::NoEndpoint => break Some("the registry lost its place in it".to_owned()),
        };
        let doubt = freshness::doubt(response.headers());
        client.note(doubt.clone());
        let nothing_new = page.descriptors.is_empty();
        descriptors.extend(page.descriptors);
        seen.push(at);
        if doubt.is_some() {
            break doubt;
        }
        if let Some(filters) = page.filters {
            break Some(format!("the registry filtered it unasked, by {filters}"));
        }
        match page.next {
            None => break None,
            Some(_) if nothing_new => break Some("an empty page links on".to_owned()),
            Some(next) if seen.contains(&next) => {
                break Some("its pages link in a circle".to_owned());
            }
            Some(_) if seen.len() >= limits.pages as usize => {
                break Some(format!("it has more than {} pages", limits.pages));
            }
            Some(next) => at = next,
        }
    };
    Ok(Referrers {
        descriptors,
        source: Source::Api,
        completeness: Completeness {
            complete: reason.is_none(),
            reason,
        },
    })
}

/// The index under the fallback tag, compared with its digest; another thing under that tag is
/// somebody's image with an odd name.
async fn fallback<I: Io>(
    client: &Client<I>,
    repository: &str,
    digest: &Digest,
) -> Result<Referrers> {
    let tag = api::fallback_tag(digest);
    let doing = || format!("reading the referrers under {}", named(repository, &tag));
    let manifest = client
        .manifest(repository, &tag)
        .await
        .map_err(|error| client.placed(error, doing))?;
    let found = match manifest.as_ref().map(crate::oci::Manifest::content) {
        Some(Content::Index(index)) => Some(index.manifests.clone()),
        _ => None,
    };
    Ok(Referrers {
        source: if found.is_some() {
            Source::FallbackTag
        } else {
            Source::None
        },
        descriptors: found.unwrap_or_default(),
        completeness: Completeness {
            complete: true,
            reason: None,
        },
    })
}
