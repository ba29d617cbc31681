//! Where credentials are looked up: in a function of whoever opens the seam.

use std::{fmt, future::Future, rc::Rc};

use futures_util::future::LocalBoxFuture;

use crate::{auth::Credentials, error::Result};

/// Looks up what is known for a registry's host; cheap to clone.
#[derive(Clone)]
pub struct LookUp(Rc<Call>);

type Call = dyn Fn(&str) -> LocalBoxFuture<'static, Result<Credentials>>;

impl LookUp {
    /// By this function, which gets the host as references name it.
    pub fn new<F, W>(function: F) -> Self
    where
        F: Fn(&str) -> W + 'static,
        W: Future<Output = Result<Credentials>> + 'static,
    {
        Self(Rc::new(move |host| Box::pin(function(host))))
    }

    pub(super) fn call(&self, host: &str) -> LocalBoxFuture<'static, Result<Credentials>> {
        (self.0)(host)
    }
}

impl fmt::Debug for LookUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LookUp(..)")
    }
}
