use serde::Serialize;

/// Whether a listing is all that the registry has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Completeness {
    /// Nothing is missing, and that is proven.
    pub complete: bool,
    /// What speaks against it, as half a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What kind of reason that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// Why a listing is not complete, as a program sees it.
///
/// # Examples
///
/// ```
/// use portreeve::client::Cause;
/// assert_eq!(serde_json::to_string(&Cause::Throttled).unwrap(), r#""throttled""#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Cause {
    /// It was not read to its end yet.
    Unread,
    /// As much was read as was asked for; there may be more.
    Limited,
    /// The registry asked for fewer requests before the end.
    Throttled,
    /// A request failed before the end.
    Failed,
    /// It came to an end that may not be the registry's: a cursor that turns in a circle, a page
    /// cut off, an answer out of a cache.
    Unproven,
}

impl Completeness {
    /// Complete, or not for this reason.
    pub(crate) fn new(doubt: Option<(Cause, String)>) -> Self {
        let (cause, reason) = doubt.unzip();
        Self {
            complete: cause.is_none(),
            reason,
            cause,
        }
    }

    /// What speaks against it.
    pub(crate) fn doubt(self) -> Option<(Cause, String)> {
        self.cause.zip(self.reason)
    }
}
