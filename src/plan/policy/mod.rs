//! What a policy means: which facts it needs, and what its rules say about an image.

mod needs;

pub use crate::configuration::policy::Policy;
pub use needs::Needs;
