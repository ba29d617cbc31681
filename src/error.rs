//! The one error type, with codes that are the same in Rust, JavaScript, CLI JSON and `/api/v1`.
//!
//! A message says what was being done, to which registry, what came back and what to do next:
//!
//! ```
//! use portreeve::error::{Code, Error};
//!
//! let error = Error::new(Code::Unauthorized, "the registry answered 401 Unauthorized")
//!     .doing("listing tags of team/web")
//!     .at("registry.example")
//!     .next("check the user name and the password");
//! assert_eq!(
//!     error.to_string(),
//!     "listing tags of team/web at registry.example: the registry answered 401 Unauthorized; \
//!      check the user name and the password"
//! );
//! assert_eq!(error.code().as_str(), "unauthorized");
//! ```

use std::{any::Any, fmt, rc::Rc, time::Duration};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $text:literal $http:literal $exit:literal,)*) => {
        /// What went wrong, as a program sees it. The texts never change between releases.
        ///
        /// # Examples
        ///
        /// ```
        /// use portreeve::error::Code;
        /// assert_eq!(Code::NotFound.as_str(), "not_found");
        /// assert_eq!(Code::NotFound.http_status(), 404);
        /// assert_eq!(Code::NotFound.exit_status(), 4);
        /// assert_eq!("not_found".parse(), Ok(Code::NotFound));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable text, such as `not_found`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The status with which `/api/v1` answers it.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $http,)* }
            }

            /// The exit status with which the command line ends.
            #[must_use]
            pub const fn exit_status(self) -> u8 {
                match self { $(Self::$variant => $exit,)* }
            }
        }
    };
}

codes! {
    /// A reference, repository, tag or digest that the grammar forbids.
    InvalidReference "invalid_reference" 400 2,
    /// `portreeve.json` is broken, contradicts itself or names what does not exist.
    InvalidConfiguration "invalid_configuration" 400 2,
    /// A retention policy is broken or can never do what it says.
    InvalidPolicy "invalid_policy" 400 2,
    /// An argument is missing, malformed or out of range.
    InvalidArgument "invalid_argument" 400 2,
    /// Credentials are missing or wrong.
    Unauthorized "unauthorized" 401 3,
    /// The credentials are good, and not good enough.
    Denied "denied" 403 3,
    /// The repository, tag, digest, plan or run does not exist.
    NotFound "not_found" 404 4,
    /// Somebody else changed the same thing meanwhile.
    Conflict "conflict" 409 1,
    /// Another run holds the lease.
    Locked "locked" 409 1,
    /// A plan, lease or upload outlived its time.
    Expired "expired" 410 1,
    /// A body, listing or repository above a cap.
    TooLarge "too_large" 413 1,
    /// Understood, and not carried out by this release or this registry.
    Unsupported "unsupported" 422 1,
    /// A safety rule forbids it: a cap, a stale report, a missing approval, a protected image.
    Refused "refused" 422 1,
    /// Our clock and the registry's are more than five minutes apart.
    ClockSkew "clock_skew" 422 1,
    /// A listing could not be proven whole.
    IncompleteListing "incomplete_listing" 422 1,
    /// The registry asks for fewer requests.
    Throttled "throttled" 429 1,
    /// No answer in time.
    Timeout "timeout" 504 1,
    /// No connection.
    Unreachable "unreachable" 502 1,
    /// The registry answered what it should not.
    UpstreamError "upstream_error" 502 1,
    /// The bytes are not those that the digest names.
    DigestMismatch "digest_mismatch" 502 1,
    /// A body ended before its length.
    Truncated "truncated" 502 1,
    /// The state store failed.
    StorageFailed "storage_failed" 500 1,
    /// A fault of portreeve's own.
    Internal "internal" 500 1,
    /// The caller gave up.
    Cancelled "cancelled" 499 130,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A text that names no [`Code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no error code")]
pub struct UnknownCode(String);

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

/// What went wrong, where, and what to do next. See the [module](self) for an example.
///
/// Messages never hold a secret or a presigned query; whoever adds text here keeps it so.
#[derive(Debug, Clone)]
pub struct Error(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    code: Code,
    doing: Option<String>,
    host: Option<String>,
    found: String,
    next: Option<String>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    path: Option<String>,
    attempts: Option<(u8, Duration)>,
    request: Option<(String, String)>,
    lasting: bool,
    tags: Vec<String>,
    foreign: Option<Rc<dyn Any>>,
}

impl Error {
    /// An error of this code; `found` is what came back or what is wrong, as half a sentence.
    #[must_use]
    pub fn new(code: Code, found: impl Into<String>) -> Self {
        Self(Box::new(Details {
            code,
            doing: None,
            host: None,
            found: found.into(),
            next: None,
            status: None,
            retry_after: None,
            path: None,
            attempts: None,
            request: None,
            lasting: false,
            tags: Vec::new(),
            foreign: None,
        }))
    }

    /// Says what was being done, such as `listing tags of team/web`. The innermost word stays.
    #[must_use]
    pub fn doing(mut self, what: impl Into<String>) -> Self {
        self.0.doing.get_or_insert_with(|| what.into());
        self
    }

    /// Says which registry it was. The innermost word stays.
    #[must_use]
    pub fn at(mut self, host: impl Into<String>) -> Self {
        self.0.host.get_or_insert_with(|| host.into());
        self
    }

    /// Says what a person can do about it. The innermost word stays.
    #[must_use]
    pub fn next(mut self, advice: impl Into<String>) -> Self {
        self.0.next.get_or_insert_with(|| advice.into());
        self
    }

    /// The same with other words for what came back.
    #[must_use]
    pub(crate) fn map_found(mut self, words: impl FnOnce(&str) -> String) -> Self {
        self.0.found = words(&self.0.found);
        self
    }

    /// The same with other advice, of whoever knows better what was wanted.
    #[must_use]
    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.0.next = Some(advice.into());
        self
    }

    /// Adds the HTTP status that came back.
    #[must_use]
    pub fn with_status(mut self, status: http::StatusCode) -> Self {
        self.0.status = Some(status.as_u16());
        self
    }

    /// Adds the pause that the registry asked for.
    #[must_use]
    pub fn with_retry_after(mut self, pause: Duration) -> Self {
        self.0.retry_after = Some(pause);
        self
    }

    /// Adds the place in a document, as a JSON path such as `$.jobs.shop.policy`.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Says how often it was tried, and how long all of that took.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u8, took: Duration) -> Self {
        self.0.attempts = Some((attempts, took));
        self
    }

    /// Says which request it was; `url` without secrets, as [`redacted`](crate::event::redacted)
    /// shows it. The innermost one stays.
    #[must_use]
    pub fn with_request(mut self, method: &str, url: &str) -> Self {
        let request = || (method.to_owned(), url.to_owned());
        self.0.request.get_or_insert_with(request);
        self
    }

    /// Says that the same call fails again until something is changed, whatever the code: a
    /// certificate that is not trusted, a host that does not exist.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        self.0.lasting = true;
        self
    }

    /// Adds the tags that it is about, such as those that a deletion would take along.
    #[must_use]
    pub fn with_tags(mut self, tags: Vec<String>) -> Self {
        self.0.tags = tags;
        self
    }

    /// Keeps an exception of the host language, so that it can come out again as itself.
    #[must_use]
    pub fn with_foreign(mut self, exception: Rc<dyn Any>) -> Self {
        self.0.foreign = Some(exception);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What was being done, if it was said.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.doing.as_deref()
    }

    /// The registry, if there is one in it.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.0.host.as_deref()
    }

    /// What came back.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// What to do next, if there is something.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.next.as_deref()
    }

    /// The HTTP status that came back.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The pause that the registry asked for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The place in a document, as a JSON path.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The method and the address, without secrets, of the request that failed or was refused.
    #[must_use]
    pub fn request(&self) -> Option<(&str, &str)> {
        let (method, url) = self.0.request.as_ref()?;
        Some((method, url))
    }

    /// How often it was tried, where it was more than once.
    #[must_use]
    pub fn attempts(&self) -> Option<u8> {
        self.0.attempts.map(|(attempts, _)| attempts)
    }

    /// The tags that it is about.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// The exception of the host language that caused it.
    #[must_use]
    pub fn foreign(&self) -> Option<&Rc<dyn Any>> {
        self.0.foreign.as_ref()
    }

    /// Whether the same call may succeed later without anything being changed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.code {
            _ if self.0.lasting => false,
            Code::Throttled | Code::Timeout | Code::Unreachable | Code::Truncated => true,
            Code::UpstreamError => self.0.status.is_some_and(|status| status >= 500),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            doing,
            host,
            found,
            next,
            path,
            attempts,
            ..
        } = &*self.0;
        match (doing, host) {
            (Some(doing), Some(host)) => write!(formatter, "{doing} at {host}: ")?,
            (Some(doing), None) => write!(formatter, "{doing}: ")?,
            (None, Some(host)) => write!(formatter, "{host}: ")?,
            (None, None) => {}
        }
        if let Some(path) = path {
            write!(formatter, "{path}: ")?;
        }
        formatter.write_str(found)?;
        if let Some((attempts, took)) = attempts {
            let seconds = took.as_secs_f64();
            write!(
                formatter,
                "; failed after {attempts} attempts in {seconds:.1} s"
            )?;
        }
        match next {
            Some(next) => write!(formatter, "; {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_from_its_text() {
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert!("NOT_FOUND".parse::<Code>().is_err());
    }

    #[test]
    fn the_innermost_words_stay() {
        let error = Error::new(Code::Timeout, "no answer within 30 s")
            .doing("reading a token")
            .at("auth.example")
            .doing("listing tags")
            .at("registry.example");
        assert_eq!(
            error.to_string(),
            "reading a token at auth.example: no answer within 30 s"
        );
    }

    #[test]
    fn only_what_may_pass_by_itself_is_retryable() {
        assert!(Error::new(Code::Throttled, "429").is_retryable());
        let failed = |status| {
            Error::new(Code::UpstreamError, "failed")
                .with_status(http::StatusCode::from_u16(status).unwrap())
        };
        assert!(failed(503).is_retryable());
        assert!(!failed(418).is_retryable());
        assert!(!Error::new(Code::Unauthorized, "401").is_retryable());
        let unknown = Error::new(Code::Unreachable, "the host does not exist").lasting();
        assert!(!unknown.is_retryable());
    }

    #[test]
    fn it_says_how_often_it_was_tried() {
        let error = Error::new(Code::Timeout, "no answer within 30 s")
            .with_attempts(3, Duration::from_millis(2_140))
            .next("try again later");
        assert_eq!(
            error.to_string(),
            "no answer within 30 s; failed after 3 attempts in 2.1 s; try again later"
        );
    }
}
