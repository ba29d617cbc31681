//! gcr.io and Artifact Registry.

use super::{DeleteChild, Paging, Profile};

impl Profile {
    /// gcr.io and Artifact Registry: tags first, then the digest, and no dangling references.
    ///
    /// Whoever comes with a token of Google's is called `oauth2accesstoken`.
    pub(crate) fn google() -> Self {
        Self {
            name: "google",
            username: "oauth2accesstoken".to_owned(),
            paging: Paging::Ignored,
            delete_tagged: false,
            delete_child: DeleteChild::Dangling,
            cross_origin: false,
            ..Self::demo()
        }
    }
}
