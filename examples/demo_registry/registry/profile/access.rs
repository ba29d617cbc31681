//! A plain registry with nothing special but how it lets people in.

use super::{Authentication, Profile};

impl Profile {
    /// A plain registry behind tokens; anybody may get one to pull.
    pub(crate) fn bearer() -> Self {
        Self {
            name: "bearer",
            authentication: Authentication::Bearer,
            service: "bearer",
            ..Self::distribution_3()
        }
    }

    /// A plain registry behind user and password.
    pub(crate) fn basic() -> Self {
        Self {
            name: "basic",
            authentication: Authentication::Basic,
            ..Self::distribution_3()
        }
    }
}
