//! Why there is no connection, from the words of the platform's own failure. Pure.

use crate::error::{Code, Error};

/// What is known of a failure to connect.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The platform's words.
    pub words: &'a str,
    /// The platform's own code, such as `ECONNREFUSED`: Node's, undici's or OpenSSL's.
    pub code: &'a str,
    /// Whether plain http was spoken.
    pub plain_http: bool,
    /// Whether a page asked: a browser keeps from it why there is no answer.
    pub in_page: bool,
}

/// The error for a failure to connect, with what to do about it.
///
/// # Examples
///
/// ```
/// use portreeve::connection::{Failure, error};
///
/// let failure = Failure {
///     words: "fetch failed: self-signed certificate",
///     code: "DEPTH_ZERO_SELF_SIGNED_CERT",
///     plain_http: false,
///     in_page: false,
/// };
/// assert!(error(failure).to_string().contains("`--ca FILE`"));
/// ```
#[must_use]
pub fn error(failure: Failure<'_>) -> Error {
    let cause = cause(&failure);
    let code = match cause {
        Cause::Slow => Code::Timeout,
        _ => Code::Unreachable,
    };
    let error = Error::new(code, failure.words).next(cause.advice());
    if cause.lasts() {
        error.lasting()
    } else {
        error
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Certificate,
    SpeaksHttp,
    MaySpeakHttps,
    UnknownHost,
    Slow,
    Proxy,
    Hidden,
    Other,
}

/// What a person can do about an answer that a browser keeps from its page.
pub(crate) const CROSS_ORIGIN: &str = "check the address, and that the registry lets pages of this origin read it (CORS); through a portreeve Worker on the page's own origin (`via`) it need not";

/// Codes of a chain that ends in no authority that is trusted (`openssl verify`, as Node names it).
const CERTIFICATE: &[&str] = &[
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "CERT_REVOKED",
    "CERT_SIGNATURE_FAILURE",
    "CERT_UNTRUSTED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "HOSTNAME_MISMATCH",
    "INVALID_CA",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

fn cause(failure: &Failure<'_>) -> Cause {
    let Failure {
        words,
        code,
        plain_http,
        in_page,
    } = *failure;
    let says = |what: &str| words.contains(what);
    if in_page {
        Cause::Hidden
    } else if CERTIFICATE.contains(&code) {
        Cause::Certificate
    } else if !plain_http
        && (says("wrong version number") || says("packet length too long") || says("record layer"))
    {
        Cause::SpeaksHttp
    } else if plain_http
        && (code.starts_with("HPE_")
            || matches!(code, "UND_ERR_SOCKET" | "ECONNRESET")
            || says("other side closed")
            || says("socket hang up"))
    {
        Cause::MaySpeakHttps
    } else if says("HTTP Tunneling") {
        Cause::Proxy
    } else if code == "ENOTFOUND" {
        Cause::UnknownHost
    } else if matches!(
        code,
        "ETIMEDOUT"
            | "UND_ERR_CONNECT_TIMEOUT"
            | "UND_ERR_HEADERS_TIMEOUT"
            | "UND_ERR_BODY_TIMEOUT"
    ) {
        Cause::Slow
    } else {
        Cause::Other
    }
}

impl Cause {
    fn advice(self) -> &'static str {
        match self {
            Self::Certificate => {
                "its certificate is not trusted here: name its authority by `--ca FILE` or NODE_EXTRA_CA_CERTS (in a program nodeFetch({ ca })), or look away with `--insecure`"
            }
            Self::SpeaksHttp => {
                "the registry speaks plain http there: say `--plain-http` (in a program plainHttp: true)"
            }
            Self::MaySpeakHttps => {
                "try again; if it stays so, the registry may speak https there: `plainHttp: false`, and no `--plain-http`"
            }
            Self::UnknownHost => "check the host's name",
            Self::Slow => "try again later, or check the address and what stands in between",
            Self::Proxy => {
                "the proxy does not let it through: check HTTPS_PROXY with its user name and password, and NO_PROXY"
            }
            Self::Hidden => CROSS_ORIGIN,
            Self::Other => "check the address, and that the registry is running",
        }
    }

    /// Whether the next attempt ends the same way.
    fn lasts(self) -> bool {
        matches!(
            self,
            Self::Certificate | Self::SpeaksHttp | Self::UnknownHost
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_says_what_to_do_and_whether_to_try_again() {
        for (code, words, plain_http, advice, retryable) in [
            (
                "ECONNREFUSED",
                "connect ECONNREFUSED 127.0.0.1:1",
                true,
                "is running",
                true,
            ),
            (
                "ENOTFOUND",
                "getaddrinfo ENOTFOUND x.example",
                false,
                "name",
                false,
            ),
            (
                "EAI_AGAIN",
                "getaddrinfo EAI_AGAIN x.example",
                false,
                "is running",
                true,
            ),
            (
                "CERT_HAS_EXPIRED",
                "certificate has expired",
                false,
                "--ca",
                false,
            ),
            (
                "ERR_TLS_CERT_ALTNAME_INVALID",
                "Hostname/IP does not match certificate's altnames",
                false,
                "--insecure",
                false,
            ),
            (
                "ERR_SSL_WRONG_VERSION_NUMBER",
                "0A00010B:SSL routines:ssl3_get_record:wrong version number",
                false,
                "--plain-http",
                false,
            ),
            (
                "UND_ERR_SOCKET",
                "other side closed",
                true,
                "speak https",
                true,
            ),
            (
                "UND_ERR_SOCKET",
                "other side closed",
                false,
                "is running",
                true,
            ),
            (
                "UND_ERR_CONNECT_TIMEOUT",
                "Connect Timeout Error",
                false,
                "later",
                true,
            ),
            (
                "UND_ERR_ABORTED",
                "Proxy response (407) !== 200 when HTTP Tunneling",
                false,
                "HTTPS_PROXY",
                true,
            ),
            ("", "Network connection lost.", false, "is running", true),
        ] {
            let error = error(Failure {
                words,
                code,
                plain_http,
                in_page: false,
            });
            assert!(error.advice().unwrap().contains(advice), "{code}: {error}");
            assert_eq!(error.is_retryable(), retryable, "{code}");
            assert!(error.found().contains(words));
        }
        let hidden = error(Failure {
            words: "Failed to fetch",
            code: "",
            plain_http: false,
            in_page: true,
        });
        assert!(hidden.advice().unwrap().contains("CORS"));
    }
}
