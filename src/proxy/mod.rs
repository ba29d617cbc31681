//! The proxy's decisions, all of them pure: which endpoint of which upstream a request means, who
//! may have it, what goes to the upstream, and what of its answer comes back.
//!
//! ```text
//! path --route--> Route --access--> granted --forward--> request --> upstream
//!                                                                       |
//! client <-- headers, problem <------------- rewrite <-------------- answer
//! ```
//!
//! Sources: distribution-spec 1.1 for endpoints and error codes.

pub mod access;
pub mod forward;
pub mod problem;
pub mod rewrite;
pub mod route;
