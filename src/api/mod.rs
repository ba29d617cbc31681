//! The distribution protocol, one endpoint a file: each builds a request and reads the answer.
//!
//! Everything here is a function of its arguments. Who sends, how often and with which credential
//! is `client`'s business.

pub mod address;
pub mod blob;
pub mod catalog;
pub mod error_body;
pub mod freshness;
pub mod link;
pub mod manifest;
pub mod ping;
pub mod referrers;
mod request;
pub mod tags;
pub mod upload;
