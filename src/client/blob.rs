use crate::io::Body;

/// A blob on its way. What is read from [`Blob::body`] is compared with the digest and fails
/// before its last piece where it is something else.
#[derive(Debug)]
#[non_exhaustive]
pub struct Blob<B: Body> {
    /// Its length in bytes, where the registry said so.
    pub size: Option<u64>,
    /// Its bytes.
    pub body: B,
}
