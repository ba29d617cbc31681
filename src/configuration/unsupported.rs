//! What is understood and not carried out: never ignored.

use super::problem::Problem;
use crate::error::{Code, Error, Result};

/// Refuses what would be carried out only in part.
pub(crate) fn ensure_supported(unsupported: &[Problem]) -> Result<()> {
    let [first, rest @ ..] = unsupported else {
        return Ok(());
    };
    let paths: Vec<&str> = rest.iter().map(|problem| problem.path.as_str()).collect();
    let found = if paths.is_empty() {
        first.message.clone()
    } else {
        format!("{} (so are {})", first.message, paths.join(", "))
    };
    Err(Error::new(Code::Unsupported, found).with_path(&*first.path))
}
