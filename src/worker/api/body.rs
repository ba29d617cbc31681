//! Bodies of requests that change something.

use http::{Method, header};
use serde::de::DeserializeOwned;
use worker::Request;

use crate::{
    error::{Code, Error, Result},
    proxy::access::Caller,
    worker::call::Call,
};

/// Longest body that is read as JSON, in bytes: names and hashes are all that is sent so.
const LONGEST: usize = 64 << 10;

/// Refuses a request that a foreign page could have made a visitor's browser send: it must carry
/// a token, which no browser adds by itself, and JSON, which no form can send.
///
/// # Errors
///
/// `unauthorized` without a token, `denied` from another origin, `invalid_argument` for another
/// content type.
pub(super) fn ensure_deliberate(call: &Call, caller: &Caller<'_>) -> Result<()> {
    if call.method == Method::GET {
        return Ok(());
    }
    if !caller.has_token() {
        return Err(
            Error::new(Code::Unauthorized, "what changes something needs a token")
                .next("send a client's token in the Authorization header"),
        );
    }
    let header = |name| call.headers.get(name).and_then(|value| value.to_str().ok());
    let own = call.url.origin().ascii_serialization();
    if header(&header::ORIGIN).is_some_and(|origin| origin != own) {
        return Err(Error::new(
            Code::Denied,
            "the request comes from another site",
        ));
    }
    let content_type = header(&header::CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        let found = "the content type is not application/json";
        Err(Error::new(Code::InvalidArgument, found))
    }
}

/// The body as JSON.
///
/// # Errors
///
/// `invalid_argument` for another document, `too_large` above 64 KiB.
pub(super) async fn json<T: DeserializeOwned>(request: &mut Request) -> Result<T> {
    let bytes = bytes(request, LONGEST).await?;
    serde_json::from_slice(&bytes).map_err(|problem| invalid(&problem))
}

/// The body as a text of at most so many bytes.
///
/// # Errors
///
/// `invalid_argument` for what is not UTF-8, `too_large`.
pub(super) async fn text(request: &mut Request, longest: usize) -> Result<String> {
    let bytes = bytes(request, longest).await?;
    String::from_utf8(bytes).map_err(|problem| invalid(&problem.utf8_error()))
}

async fn bytes(request: &mut Request, longest: usize) -> Result<Vec<u8>> {
    let length = request.headers().get("content-length").ok().flatten();
    let too_large = || {
        let found = format!("the body is longer than {} KiB", longest >> 10);
        Error::new(Code::TooLarge, found)
    };
    if length.is_some_and(|length| length.parse().is_ok_and(|length: usize| length > longest)) {
        return Err(too_large());
    }
    let bytes = request.bytes().await.map_err(|problem| invalid(&problem))?;
    if bytes.len() > longest {
        return Err(too_large());
    }
    Ok(bytes)
}

fn invalid(problem: &dyn std::fmt::Display) -> Error {
    Error::new(Code::InvalidArgument, format!("the body: {problem}"))
}
