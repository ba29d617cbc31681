//! `/v2/`: the read-only proxy. What it decides is in [`proxy`](crate::proxy).

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use worker::Env;

use super::{
    answer::{self, Answer},
    call::Call,
    upstream,
};
use crate::{
    api::link,
    auth::Scope,
    client::Session,
    configuration::{Action, Configuration, Upstream},
    error::{Code, Error, Result},
    io::Body as _,
    oci::Target,
    proxy::{
        access, forward, problem, rewrite,
        route::{self, Endpoint, Named, Route},
    },
    web::{Body, FetchIo, Handle},
};

/// Answers a request below `/v2/`.
pub(super) async fn answer(call: &Call, env: &Env, configuration: &Configuration) -> Answer {
    let admitted = match admit(call, configuration) {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return ping(),
        Err((error, endpoint)) => {
            return answer::registry_problem(problem::of_client(&error, endpoint.as_ref()));
        }
    };
    match forward(call, env, &admitted).await {
        Ok(mut answer) => {
            forward::secure(answer.headers_mut());
            if let Some(Ok(namespace)) = call.namespace().map(HeaderValue::try_from) {
                let name = HeaderName::from_static("oci-namespace");
                answer.headers_mut().insert(name, namespace);
            }
            answer
        }
        Err(error) => {
            let error = error.doing(format!("asking for {}", call.url.path()));
            let problem = problem::of_upstream(&error, Some(&admitted.endpoint));
            if problem.status.is_server_error() {
                worker::console_warn!("{error}");
            }
            answer::registry_problem(problem)
        }
    }
}

/// A request that its client may make.
struct Admitted<'a> {
    upstream: &'a Upstream,
    repository: String,
    endpoint: Endpoint,
}

/// Who asks comes before what is asked: a stranger learns nothing of the configuration.
fn admit<'a>(
    call: &Call,
    configuration: &'a Configuration,
) -> Result<Option<Admitted<'a>>, (Error, Option<Endpoint>)> {
    let refused = |error| (error, None);
    let authorization = call.headers.get(header::AUTHORIZATION);
    let caller =
        access::identify(configuration.clients(), authorization, call.address).map_err(refused)?;
    let route = route::route(&call.method, call.url.path(), call.namespace().as_deref())
        .map_err(refused)?;
    let Route::Repository {
        upstream,
        repository,
        endpoint,
    } = route
    else {
        return Ok(None);
    };
    let admitted = || {
        let upstream = match &upstream {
            Named::Name(name) => configuration.upstream(name)?,
            Named::Host(host) => configuration.upstream_at(host, &repository)?,
        };
        caller.ensure(Action::Pull, &upstream.name, &repository)?;
        upstream.ensure_supported()?;
        if !upstream.allows(&repository) {
            let found = format!("`allow` of {} leaves {repository} out", upstream.name);
            return Err(Error::new(Code::Denied, found));
        }
        Ok(upstream)
    };
    match admitted() {
        Ok(upstream) => Ok(Some(Admitted {
            upstream,
            repository,
            endpoint,
        })),
        Err(error) => Err((error, Some(endpoint))),
    }
}

fn ping() -> Answer {
    let mut answer = answer::json(StatusCode::OK, &serde_json::json!({}));
    forward::secure(answer.headers_mut());
    answer
}

async fn forward(call: &Call, env: &Env, admitted: &Admitted<'_>) -> Result<Answer> {
    let session = upstream::session(env, admitted.upstream)?;
    let upstream = Forwarding {
        call,
        admitted,
        session,
    };
    let answer = match &admitted.endpoint {
        Endpoint::Blob(digest) => upstream.blob(&digest.to_string()).await,
        Endpoint::Manifest(target) => upstream.manifest(target).await,
        Endpoint::Tags => upstream.tags().await,
        Endpoint::Referrers(_) => upstream.referrers().await,
    };
    upstream::keep(upstream.session.tokens());
    answer
}

struct Forwarding<'a> {
    call: &'a Call,
    admitted: &'a Admitted<'a>,
    session: Session<FetchIo>,
}

impl Forwarding<'_> {
    /// The bytes pass as the platform's stream and never come in here.
    async fn blob(&self, digest: &str) -> Result<Answer> {
        let response = self.ask(&self.call.method).await?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            let range = response.headers().get(header::CONTENT_RANGE).cloned();
            let error = self.refusal(response).await;
            let problem = problem::of_upstream(&error, Some(&self.admitted.endpoint));
            let mut answer = answer::registry_problem(problem);
            if let Some(range) = range {
                answer.headers_mut().insert(header::CONTENT_RANGE, range);
            }
            return Ok(answer);
        }
        let response = self.accepted(response).await?;
        let mut headers = self.headers(&response);
        if let Ok(digest) = HeaderValue::try_from(digest) {
            // a storage that the registry redirects to does not know it
            headers
                .entry(HeaderName::from_static("docker-content-digest"))
                .or_insert(digest);
        }
        self.pass(response, headers)
    }

    /// A manifest is small, and is verified before it is passed on.
    async fn manifest(&self, target: &Target) -> Result<Answer> {
        let head = self.call.method == Method::HEAD;
        let mut response = self.send(&self.call.method).await?;
        if head
            && response.status() == StatusCode::OK
            && !forward::tells_manifest(response.headers())
        {
            response = self.send(&Method::GET).await?;
        } else if head || response.status() != StatusCode::OK {
            let headers = self.headers(&response);
            return self.pass(response, headers);
        }
        let mut headers = self.headers(&response);
        let limit = self.session.settings().limits.manifest;
        let bytes = response.into_body().bytes(limit).await?;
        forward::verify_manifest(&mut headers, target, &bytes)?;
        Ok(whole(headers, bytes))
    }

    async fn tags(&self) -> Result<Answer> {
        let response = self.send(&Method::GET).await?;
        let mut headers = self.headers(&response);
        let limit = self.session.settings().limits.page;
        let body = response.into_body().bytes(limit).await?;
        let repository = &self.admitted.repository;
        let name = match self.call.namespace() {
            Some(_) => repository.clone(),
            None => format!("{}/{repository}", self.admitted.upstream.name),
        };
        let body = rewrite::tag_list(&body, &name)?;
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        Ok(whole(headers, body.into()))
    }

    async fn referrers(&self) -> Result<Answer> {
        let response = self.send(&self.call.method).await?;
        let headers = self.headers(&response);
        self.pass(response, headers)
    }

    async fn send(&self, method: &Method) -> Result<Response<Body>> {
        let response = self.ask(method).await?;
        self.accepted(response).await
    }

    /// Any status but a success and 304 as an error.
    async fn accepted(&self, response: Response<Body>) -> Result<Response<Body>> {
        if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            Ok(response)
        } else {
            Err(self.refusal(response).await)
        }
    }

    async fn refusal(&self, response: Response<Body>) -> Error {
        let (parts, body) = response.into_parts();
        let limit = self.session.settings().limits.error_body;
        // what the registry says is welcome, and not needed
        let words = body.bytes(limit).await.unwrap_or_default();
        self.session.refusal(&Response::from_parts(parts, words))
    }

    /// Sends the request on, and answers whatever comes.
    async fn ask(&self, method: &Method) -> Result<Response<Body>> {
        let path = forward::path_and_query(
            &self.admitted.repository,
            &self.admitted.endpoint,
            self.call.url.query(),
        );
        let invalid =
            |error: &dyn std::fmt::Display| Error::new(Code::InvalidReference, error.to_string());
        let url = self
            .session
            .root()
            .join(&path)
            .map_err(|error| invalid(&error))?;
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .body(Bytes::new())
            .map_err(|error| invalid(&error))?;
        *request.headers_mut() =
            forward::request_headers(&self.call.headers, &self.admitted.endpoint);
        let scope = Scope::pull(&self.admitted.repository);
        self.session.send(request, &scope).await
    }

    /// The headers that come back, with the way to the next page through this proxy.
    fn headers(&self, response: &Response<Body>) -> HeaderMap {
        let mut headers = forward::answer_headers(response.headers(), &self.admitted.endpoint);
        if let Some(next) = link::next(self.session.root(), response.headers())
            && let Ok(link) = HeaderValue::try_from(rewrite::link(
                self.call.url.path(),
                self.call.namespace().as_deref(),
                &next,
            ))
        {
            headers.insert(header::LINK, link);
        }
        headers
    }

    #[expect(clippy::unused_self, reason = "the last step of each endpoint")]
    fn pass(&self, response: Response<Body>, headers: HeaderMap) -> Result<Answer> {
        let (parts, body) = response.into_parts();
        let mut answer = Response::new(body.into_handle()?);
        *answer.status_mut() = parts.status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

fn whole(headers: HeaderMap, bytes: Bytes) -> Answer {
    let mut answer = Response::new(Handle::Bytes(bytes));
    *answer.headers_mut() = headers;
    answer
}
