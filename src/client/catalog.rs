use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use super::listing::{Listed, keep};
use crate::{
    api::catalog,
    auth::Scope,
    error::{Error, Result},
    registries::profile::{Profile, Support},
};

/// The repositories of a registry.
#[derive(Debug, Clone, Copy)]
pub struct Catalog {
    /// The registry's name, where it is known to list none.
    none_at: Option<&'static str>,
}

impl Catalog {
    pub(super) fn of(profile: &Profile) -> Self {
        let none = profile.catalog == Support::No;
        Self {
            none_at: none.then_some(profile.name),
        }
    }
}

impl Listed for Catalog {
    type Page = catalog::Page;

    fn scope(&self) -> Scope {
        Scope::catalog()
    }

    fn doing(&self) -> String {
        "listing the repositories".to_owned()
    }

    fn first(&self, root: &Url, page_size: Option<u32>) -> Result<Url> {
        match self.none_at {
            Some(name) => Err(catalog::unsupported(&format!("{name} has no catalog"))),
            None => catalog::first(root, page_size),
        }
    }

    fn request(&self, at: &Url) -> Result<Request<Bytes>> {
        catalog::request(at)
    }

    fn read(&self, asked: &Url, response: &Response<Bytes>) -> Result<catalog::Page> {
        catalog::read(
            asked,
            response.status(),
            response.headers(),
            response.body(),
        )
    }

    fn refusal(&self, error: Error, known: bool) -> Error {
        catalog::refusal(error, known)
    }

    fn next(page: &catalog::Page) -> Option<&Url> {
        page.next.as_ref()
    }

    fn names(page: &catalog::Page) -> Vec<String> {
        page.repositories.clone()
    }

    fn keep(page: &mut catalog::Page, shown: &[bool]) {
        keep(&mut page.repositories, shown);
    }
}
