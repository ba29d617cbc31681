//! How many requests one invocation may still send.

use std::cell::Cell;

/// A budget of requests, shared by everything that reads or deletes in one invocation.
///
/// A Worker's invocation has so many subrequests and no more: what stops at the end of the budget
/// goes on in the next invocation. It counts calls of the client; retries and token requests come
/// on top, and one group is deleted after each sweep in any case, so leave room for them.
///
/// # Examples
///
/// ```
/// use portreeve::cleanup::Budget;
/// let budget = Budget::of(2);
/// assert!(budget.take() && budget.take() && !budget.take());
/// assert!(Budget::unlimited().take());
/// ```
#[derive(Debug)]
pub struct Budget(Cell<Option<u32>>);

impl Budget {
    /// So many requests.
    #[must_use]
    pub const fn of(requests: u32) -> Self {
        Self(Cell::new(Some(requests)))
    }

    /// As many as it takes.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self(Cell::new(None))
    }

    /// Takes one request out of the budget; `false` when it is used up.
    pub fn take(&self) -> bool {
        match self.0.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.0.set(Some(left - 1));
                true
            }
        }
    }

    /// Takes out what was sent by others.
    pub(super) fn spend(&self, requests: u64) {
        if let Some(left) = self.0.get() {
            let requests = u32::try_from(requests).unwrap_or(u32::MAX);
            self.0.set(Some(left.saturating_sub(requests)));
        }
    }

    /// Whether it is used up.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.0.get() == Some(0)
    }
}
