//! Which facts a policy needs, so that collecting an inventory reads no more.

use super::Policy;
use crate::configuration::policy::{MinimumAge, TimeFact};

/// The facts that cost requests of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needs {
    /// Creation times: one image config for each single-platform image.
    pub created: bool,
    /// Pull times: a vendor's metadata.
    pub pulled: bool,
}

impl Needs {
    /// Every fact there is: for an inventory that another policy will be tried on.
    #[must_use]
    pub const fn everything() -> Self {
        Self {
            created: true,
            pulled: true,
        }
    }
}

impl Policy {
    /// The facts this policy needs.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::plan::policy::Policy;
    /// let policy = Policy::parse(
    ///     r#"{ "delete": [{ "name": "old", "olderThan": { "created": "30d" } }] }"#,
    /// )?;
    /// assert!(policy.needs().created && !policy.needs().pulled);
    /// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
    /// ```
    #[must_use]
    pub fn needs(&self) -> Needs {
        let asks = |fact| self.rules().any(|rule| rule.asks(fact));
        Needs {
            created: asks(TimeFact::Created) || matches!(self.minimum_age, MinimumAge::Created(_)),
            pulled: asks(TimeFact::Pulled),
        }
    }
}
