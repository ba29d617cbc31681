//! Taking tags, deleting and storing.
