//! Caps on what a registry may make us hold, wait for or follow: one place for all of them.

use std::time::Duration;

/// The caps of one client. [`Limits::default`] suits every registry known.
///
/// # Examples
///
/// ```
/// use portreeve::limits::Limits;
/// let limits = Limits { attempts: 1, ..Limits::default() };
/// assert_eq!(limits.concurrency, 6);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest manifest or index, in bytes. distribution-spec 1.1 asks registries for 4 MiB.
    pub manifest: u64,
    /// Largest image config, in bytes.
    pub config: u64,
    /// Largest page of a listing, in bytes. Google answers 100,000 images in one page.
    pub page: u64,
    /// Largest answer of a token endpoint, in bytes.
    pub token: u64,
    /// How much of an error's body is read, in bytes.
    pub error_body: u64,
    /// Most pages of one listing.
    pub pages: u32,
    /// Most redirects in a row.
    pub redirects: u8,
    /// Most requests in flight: the Workers platform holds the seventh back.
    pub concurrency: usize,
    /// Attempts at one request, the first included.
    pub attempts: u8,
    /// Longest wait for an answer's headers.
    pub headers: Duration,
    /// Longest silence within a body.
    pub idle: Duration,
    /// Longest time for one request with all its attempts and pauses.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest: 4 << 20,
            config: 8 << 20,
            page: 64 << 20,
            token: 256 << 10,
            error_body: 64 << 10,
            pages: 10_000,
            redirects: 5,
            concurrency: 6,
            attempts: 4,
            headers: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            deadline: Duration::from_mins(2),
        }
    }
}
