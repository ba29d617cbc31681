//! What the requests of several endpoints share.

use http::{Request, header, request::Builder};
use url::Url;

use crate::error::{Code, Error};

/// A GET past every cache, because a deletion may be decided by the answer.
pub(super) fn fresh(at: &Url) -> Builder {
    Request::get(at.as_str()).header(header::CACHE_CONTROL, "no-cache")
}

/// The error for what HTTP cannot carry.
#[allow(clippy::needless_pass_by_value, reason = "an argument of map_err")]
pub(super) fn unsendable(error: http::Error) -> Error {
    Error::new(Code::InvalidArgument, error.to_string())
}
