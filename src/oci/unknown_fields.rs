//! Fields that a document has and this release does not know.

use std::collections::BTreeMap;

use serde::{
    Deserialize as _, Deserializer, Serialize, Serializer,
    de::Error as _,
    ser::{Error as _, SerializeMap as _},
};
use serde_json::value::RawValue;

/// Fields that this release does not know, each as the JSON text that it was: numbers keep all of
/// their digits.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Platform;
/// let text = r#"{"os":"linux","architecture":"riscv64","profile":{"rva":23.10}}"#;
/// let platform: Platform = serde_json::from_str(text)?;
/// assert_eq!(platform.unknown_fields.get("profile"), Some(r#"{"rva":23.10}"#));
/// assert_eq!(serde_json::to_string(&platform)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownFields(BTreeMap<String, String>);

impl UnknownFields {
    /// One of them, as JSON.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Their names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Serialize for UnknownFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, text) in &self.0 {
            let value: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Reads an object by `read`, and beside it the fields that are not in `known`.
///
/// It is read twice, as text: what serde's `flatten` puts aside has lost digits of its numbers.
pub(super) fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    known: &[&str],
    read: fn(&str) -> serde_json::Result<T>,
) -> Result<(T, UnknownFields), D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    let found = read(text.get()).map_err(D::Error::custom)?;
    let mut all: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(text.get()).map_err(D::Error::custom)?;
    all.retain(|name, _| !known.contains(&name.as_str()));
    let unknown = all
        .into_iter()
        .map(|(name, value)| (name, Box::<str>::from(value).into_string()));
    Ok((found, UnknownFields(unknown.collect())))
}

/// Lets a type with a field `unknown_fields` be read and written by what serde derives for it
/// (`remote = "Self"`), and keep the fields that are not in `$known`.
macro_rules! keeps_unknown_fields {
    ($type:ty, $known:expr) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let (known, unknown_fields) =
                    $crate::oci::unknown_fields::read(deserializer, $known, |text| {
                        Self::deserialize(&mut serde_json::Deserializer::from_str(text))
                    })?;
                Ok(Self {
                    unknown_fields,
                    ..known
                })
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    };
}
pub(super) use keeps_unknown_fields;
