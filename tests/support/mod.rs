//! What the tests of every room share.

pub(crate) mod memory_io;
