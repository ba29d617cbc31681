//! Azure's container registry.

use super::{Authentication, DeleteTag, Profile};

impl Profile {
    /// ACR: a digest can be deleted here, a tag only by its own interface, and neither while locked.
    pub(crate) fn acr() -> Self {
        Self {
            name: "acr",
            authentication: Authentication::PrivateBearer,
            token_path: "/oauth2/token",
            service: "acme.azurecr.io",
            manifest_map: false,
            delete_tag: DeleteTag::Unsupported(405),
            locked: Some((405, "DENIED")),
            marks: &[("x-ms-correlation-request-id", "demo")],
            cross_origin: false,
            ..Self::demo()
        }
    }
}
