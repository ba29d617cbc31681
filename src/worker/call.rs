//! A request as the decisions see it: plain data, without its body.

use std::net::IpAddr;

use http::{HeaderMap, Method};
use url::Url;
use worker::{Env, Request};

use super::environment;
use crate::{
    error::{Code, Error, Result},
    web::headers,
};

/// A request's head, and where it comes from.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// The client's own address, where it is known.
    pub(super) address: Option<IpAddr>,
}

impl Call {
    pub(super) fn read(request: &Request, env: &Env) -> Result<Self> {
        let invalid = |problem: &dyn std::fmt::Display| {
            Error::new(Code::InvalidArgument, problem.to_string())
        };
        let method = request.inner().method();
        let headers = headers::read(&request.headers().0)?;
        // the platform sets the header itself; on one's own machine nothing does, and a variable
        // says the address instead
        let address = environment::variable(env, "CLIENT_ADDRESS").or_else(|| {
            let header = headers.get("cf-connecting-ip")?;
            Some(header.to_str().ok()?.to_owned())
        });
        Ok(Self {
            method: Method::from_bytes(method.as_bytes()).map_err(|problem| invalid(&problem))?,
            url: Url::parse(&request.inner().url()).map_err(|problem| invalid(&problem))?,
            address: address.and_then(|text| text.trim().parse().ok()),
            headers,
        })
    }

    pub(super) fn is_registry(&self) -> bool {
        let path = self.url.path();
        path == "/v2" || path.starts_with("/v2/")
    }

    pub(super) fn is_page(&self) -> bool {
        let path = self.url.path();
        !self.is_registry() && path != "/healthz" && path != "/api" && !path.starts_with("/api/")
    }

    /// Whether the client sits on this machine, as in development.
    pub(super) fn is_local(&self) -> bool {
        self.address
            .is_some_and(|address| address.to_canonical().is_loopback())
    }

    /// A parameter of the query.
    ///
    /// # Errors
    ///
    /// `invalid_argument` where it is missing.
    pub(super) fn parameter(&self, name: &str) -> Result<String> {
        self.optional(name).ok_or_else(|| {
            let found = format!("the parameter `{name}` is missing");
            Error::new(Code::InvalidArgument, found)
        })
    }

    /// The registry that the request names beside its path.
    pub(super) fn namespace(&self) -> Option<String> {
        self.optional("ns")
    }

    /// A parameter of the query that may be missing.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        Some(value.into_owned())
    }
}
