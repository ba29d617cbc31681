//! What goes over the wire, told as it happens: for logs and progress. No secret is in it.

use std::time::Duration;

use http::{Method, StatusCode};
use url::Url;

use crate::{error::Code, rate_limit::RateLimit};

/// One step of one request. [`Io::observe`](crate::io::Io::observe) is given each of them.
///
/// Neither headers nor bodies are in it; addresses are [`redacted`].
///
/// # Examples
///
/// ```
/// use portreeve::event::{Event, Stage};
///
/// fn line(event: &Event) -> Option<String> {
///     match &event.stage {
///         Stage::Answered { status, took, .. } => {
///             Some(format!("{} {} {status} {} ms", event.method, event.url, took.as_millis()))
///         }
///         _ => None,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Counts the requests of one client from 1, and pairs an answer with its request: the same
    /// number that `requests_used` ends with.
    pub number: u64,
    /// The method.
    pub method: Method,
    /// Where it goes, [`redacted`].
    pub url: String,
    /// Counts the attempts at the same request from 1.
    pub attempt: u8,
    /// What happened.
    pub stage: Stage,
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// It goes out now.
    Sent,
    /// Its answer's headers are here, whatever the status.
    Answered {
        /// The status.
        status: StatusCode,
        /// From sending to the headers.
        took: Duration,
        /// What the registry calls this request, to be told to its operators.
        request_id: Option<String>,
        /// What the registry says is left.
        rate_limit: Option<RateLimit>,
    },
    /// There is no answer.
    Failed {
        /// The error's code.
        code: Code,
        /// The error's words.
        reason: String,
        /// From sending to the failure.
        took: Duration,
    },
    /// It waits before it goes out, again or at all.
    Pausing {
        /// For how long.
        pause: Duration,
        /// Why, as half a sentence.
        reason: String,
    },
}

/// Parameters whose values say what is asked for; every other may be a signature or a ticket.
const HARMLESS: &[&str] = &[
    "account",
    "artifactType",
    "digest",
    "from",
    "last",
    "mount",
    "n",
    "next_page",
    "ns",
    "orderby",
    "page",
    "page_size",
    "scope",
    "service",
    "tag",
];

/// An address as logs and errors may show it: without user name, password and fragment, and in its
/// query only what is known to be harmless. The rest reads `***`.
///
/// # Examples
///
/// ```
/// use portreeve::event::redacted;
///
/// let presigned = "https://bot:pass@s3.example/blob?X-Amz-Signature=5ec7e7".parse()?;
/// assert_eq!(redacted(&presigned), "https://s3.example/blob?X-Amz-Signature=***");
/// let page = "https://ghcr.io/v2/acme/web/tags/list?n=1000&last=v1".parse()?;
/// assert_eq!(redacted(&page), "https://ghcr.io/v2/acme/web/tags/list?n=1000&last=v1");
/// # Ok::<(), url::ParseError>(())
/// ```
#[must_use]
pub fn redacted(url: &Url) -> String {
    let mut shown = format!("{}{}", url.origin().ascii_serialization(), url.path());
    let mut mark = '?';
    for pair in url.query().unwrap_or_default().split('&') {
        if pair.is_empty() {
            continue;
        }
        shown.push(mark);
        mark = '&';
        match pair.split_once('=') {
            Some((name, _)) if !HARMLESS.contains(&name) => {
                shown.push_str(name);
                shown.push_str("=***");
            }
            Some(_) => shown.push_str(pair),
            // a query without names is one value
            None => shown.push_str("***"),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for (address, shown) in [
            ("https://a.example/x", "https://a.example/x"),
            (
                "https://u:SECRET@a.example:8443/x#SECRET",
                "https://a.example:8443/x",
            ),
            ("https://a.example/x?SECRET", "https://a.example/x?***"),
            (
                "https://a.example/v2/a/blobs/uploads/1?_state=SECRET&digest=sha256:1",
                "https://a.example/v2/a/blobs/uploads/1?_state=***&digest=sha256:1",
            ),
            (
                "https://s3.example/b?N=SECRET&sig=SECRET=SECRET&&last=",
                "https://s3.example/b?N=***&sig=***&last=",
            ),
            (
                "https://auth.example/token?service=r&scope=repository:a:pull&refresh_token=SECRET",
                "https://auth.example/token?service=r&scope=repository:a:pull&refresh_token=***",
            ),
        ] {
            assert_eq!(redacted(&address.parse().unwrap()), shown);
        }
    }
}
