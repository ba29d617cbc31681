//! `null` where nothing was meant: Go writes an empty list or map so.

use serde::{Deserialize, Deserializer};

/// For `deserialize_with`: `null` is the same as a missing field.
pub(super) fn when_null<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
