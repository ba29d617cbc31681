//! What a registry really does: its row in the table, and a few cheap questions.

use http::{Response, StatusCode};
use serde::Serialize;

use super::Client;
use crate::{
    api::{catalog, ping, referrers, tags},
    auth::{
        Scope,
        challenge::{self, Challenge},
    },
    error::{Code, Error, Result},
    io::Io,
    oci::Digest,
    registries::profile::{Authentication, Profile, Support},
};

/// What a registry can do, each answer with how it is known. As JSON it is the document that
/// programs get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Capabilities {
    /// The host that was asked about, as references name it.
    pub host: String,
    /// Which registry it is.
    pub registry: Registry,
    /// What that rests on.
    pub recognised_by: RecognisedBy,
    /// How it lets people in.
    pub authentication: Finding<Authentication>,
    /// The page size that listings ask for first.
    pub page_size: u32,
    /// What it limits, in words; empty where nothing is known.
    pub limits: &'static str,
    /// Whether a repository that is not there is told apart from one that is not yours.
    pub tells_missing: Finding,
    /// Whether answers name the digest of what they bring.
    pub names_digests: Finding,
    /// Whether it gives a list of tags in pages of the size asked for.
    pub paged_list: Finding,
    /// Whether a list of tags that was read to its end is all there is.
    pub whole_list: Finding,
    /// Whether its list of tags brings the time of each push along.
    pub dates_in_list: Finding,
    /// Whether its list of tags tells of manifests without a tag.
    pub lists_untagged: Finding,
    /// Whether it lists its repositories.
    pub catalog: Finding,
    /// Whether it answers the referrers API.
    pub referrers: Finding,
    /// Whether it takes content named by sha512.
    pub sha512: Finding,
    /// Whether DELETE of a digest deletes the manifest. Nobody tries that to find out.
    pub delete_by_digest: Finding,
    /// Whether DELETE of a tag takes that tag and nothing else. Nobody tries that either.
    pub untag: Finding,
    /// Whether tags can be locked.
    pub immutable_tags: Finding,
    /// How many requests it took to find out.
    pub requests_used: u64,
}

/// Which registry it is, by its row in [`Profile::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Registry {
    /// [`Profile::id`].
    pub id: &'static str,
    /// [`Profile::name`].
    pub name: &'static str,
    /// [`Profile::source`].
    pub source: &'static str,
}

/// How the registry's row was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RecognisedBy {
    /// By its host, or because the caller said so.
    Host,
    /// By what it answers to `GET /v2/`.
    Answer,
    /// Not at all.
    Nothing,
}

/// An answer, and how it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding<T = Support> {
    /// The answer.
    #[serde(rename = "is")]
    pub value: T,
    /// How it is known.
    pub known: Known,
}

/// How an answer is known, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Known {
    /// This registry was asked just now.
    Probed,
    /// From answers or the source of such a registry.
    Confirmed,
    /// From the vendor's documentation.
    Documented,
    /// It is not.
    Unknown,
}

impl<I: Io> Client<I> {
    /// What this registry can do: what is known of its kind, and what it shows when it is asked.
    ///
    /// It takes one request without credentials and one for the catalog; with a `repository` one
    /// for its tags and one for referrers more. Nothing is ever written to find out.
    ///
    /// # Errors
    ///
    /// `not_found` for what is no registry or has no such repository, `denied` and `unauthorized`
    /// where the repository may not be read, and those of every request.
    pub async fn capabilities(&self, repository: Option<&str>) -> Result<Capabilities> {
        let client = self.metered();
        let doing = || "asking what a registry can do".to_owned();
        let mut found = async {
            let mut found = client.introduction().await?;
            client.probe_catalog(&mut found).await?;
            if let Some(repository) = repository {
                client.probe_repository(repository, &mut found).await?;
            }
            Ok(found)
        }
        .await
        .map_err(|error: Error| self.placed(error, doing))?;
        found.requests_used = client.metered_requests();
        Ok(found)
    }

    /// What the first answer tells, without proof of who asks.
    async fn introduction(&self) -> Result<Capabilities> {
        let request = ping::request(self.session.root())?;
        let answer = self
            .session
            .persist(request.clone(), async |request| {
                Ok(self.session.to_registry(request, None).await?.response)
            })
            .await?;
        let answer = self
            .session
            .read(request.method(), answer, 64 << 10)
            .await?;
        let authentication = match answer.status() {
            StatusCode::OK => Some(Authentication::None),
            StatusCode::UNAUTHORIZED => offered(&answer),
            _ => return Err(self.session.refusal(&answer)),
        };
        let own = self.profile();
        let (profile, recognised_by) = if own.id == Profile::PLAIN.id {
            match Profile::recognised(answer.headers()) {
                Some(shown) => (shown, RecognisedBy::Answer),
                None => (Profile::PLAIN, RecognisedBy::Nothing),
            }
        } else {
            (*own, RecognisedBy::Host)
        };
        let mut found = Capabilities::of(self.host(), &profile, recognised_by);
        if let Some(authentication) = authentication {
            found.authentication = Finding::probed(authentication);
        }
        Ok(found)
    }

    async fn probe_catalog(&self, found: &mut Capabilities) -> Result<()> {
        let at = catalog::first(self.session.root(), Some(1))?;
        let answer = self.page(catalog::request(&at)?, &Scope::catalog()).await;
        let shown = answer.and_then(|answer| {
            let read = catalog::read(&at, answer.status(), answer.headers(), answer.body());
            read.map_err(|error| catalog::refusal(error, true))
        });
        match shown.map_err(|error| error.code()) {
            Ok(_) => found.catalog = Finding::probed(Support::Yes),
            Err(Code::Unsupported | Code::NotFound) => {
                found.catalog = Finding::probed(Support::No);
            }
            Err(Code::Denied | Code::Unauthorized) if found.catalog.value != Support::No => {
                found.catalog = Finding::probed(Support::Depends);
            }
            // a moment's trouble says nothing of the registry
            Err(_) => {}
        }
        Ok(())
    }

    async fn probe_repository(&self, repository: &str, found: &mut Capabilities) -> Result<()> {
        let root = self.session.root();
        let scope = Scope::pull(repository);
        let at = tags::first(root, repository, Some(1))?;
        let answer = self.page(tags::request(&at)?, &scope).await?;
        if answer.status() != StatusCode::OK {
            return Err(self.session.refusal(&answer));
        }
        let page = tags::read(&at, answer.status(), answer.headers(), answer.body())?;
        if page.tags.len() > 1 {
            found.paged_list = Finding::probed(Support::No);
        } else if page.next.is_some() {
            found.paged_list = Finding::probed(Support::Yes);
        }
        if let Some(manifests) = page.manifests {
            found.lists_untagged = Finding::probed(Support::Yes);
            if manifests.values().any(|listed| listed.uploaded.is_some()) {
                found.dates_in_list = Finding::probed(Support::Yes);
            }
        }
        // of nothing, so that no referrers come back
        let at = referrers::first(root, repository, &Digest::of(b""), None)?;
        let answer = self.page(referrers::request(&at)?, &scope).await?;
        let answered = referrers::read(&at, answer.status(), answer.headers(), answer.body());
        found.referrers = Finding::probed(match answered {
            Ok(referrers::Answer::Page(_)) => Support::Yes,
            Ok(referrers::Answer::NoEndpoint) => Support::No,
            Err(_) => return Ok(()),
        });
        Ok(())
    }
}

impl Capabilities {
    /// What the table says.
    fn of(host: &str, profile: &Profile, recognised_by: RecognisedBy) -> Self {
        let known = if profile.confirmed {
            Known::Confirmed
        } else {
            Known::Documented
        };
        let finding = |value| Finding {
            value,
            known: if value == Support::Unknown {
                Known::Unknown
            } else {
                known
            },
        };
        Self {
            host: host.to_owned(),
            registry: Registry {
                id: profile.id,
                name: profile.name,
                source: profile.source,
            },
            recognised_by,
            authentication: Finding {
                value: profile.authentication,
                known: if profile.authentication == Authentication::Unknown {
                    Known::Unknown
                } else {
                    known
                },
            },
            page_size: profile.page_size,
            limits: profile.limits,
            tells_missing: finding(profile.tells_missing),
            names_digests: finding(profile.names_digests),
            paged_list: finding(profile.paged_list),
            whole_list: finding(profile.whole_list),
            dates_in_list: finding(profile.dates_in_list),
            lists_untagged: finding(profile.lists_untagged),
            catalog: finding(profile.catalog),
            referrers: finding(profile.referrers),
            sha512: finding(profile.sha512),
            delete_by_digest: finding(profile.delete_digest),
            untag: finding(profile.untag),
            immutable_tags: finding(profile.immutable_tags),
            requests_used: 0,
        }
    }
}

impl<T> Finding<T> {
    fn probed(value: T) -> Self {
        Self {
            value,
            known: Known::Probed,
        }
    }
}

/// What the challenges of a 401 offer; `None` where there is none that this crate can meet.
fn offered<B>(answer: &Response<B>) -> Option<Authentication> {
    let challenges = challenge::parse(answer.headers());
    let basic = challenges.contains(&Challenge::Basic);
    let bearer = challenges
        .iter()
        .any(|challenge| matches!(challenge, Challenge::Bearer(_)));
    match (bearer, basic) {
        (true, true) => Some(Authentication::Either),
        (true, false) => Some(Authentication::Bearer),
        (false, true) => Some(Authentication::Basic),
        (false, false) => None,
    }
}
