//! JSON of any size, of which only one object is held at a time.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Reducer, invalid, object};
use crate::error::Result;

/// Reads one JSON value after another.
pub(super) fn json(reducer: &mut Reducer, text: &str) -> Result<()> {
    let mut stream = serde_json::Deserializer::from_str(text);
    loop {
        let top = Top { reducer };
        top.deserialize(&mut stream)
            .map_err(|error| invalid(error.to_string()))?;
        if stream.end().is_ok() {
            return Ok(());
        }
    }
}

/// A list of Kubernetes, one of its objects, or an array.
struct Top<'r> {
    reducer: &'r mut Reducer,
}

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kubernetes objects or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        each(self.reducer, items, true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut fields = Map::new();
        let mut is_list = false;
        while let Some(name) = entries.next_key::<String>()? {
            if name == "items" {
                is_list = true;
                entries.next_value_seed(Items {
                    reducer: self.reducer,
                })?;
            } else {
                fields.insert(name, entries.next_value()?);
            }
        }
        if is_list {
            return object::ensure_whole(fields.get("metadata")).map_err(A::Error::custom);
        }
        let value = Value::Object(fields);
        self.reducer.value(&value, true).map_err(A::Error::custom)
    }
}

/// The `items` of a list.
struct Items<'r> {
    reducer: &'r mut Reducer,
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the objects of a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        each(self.reducer, items, false)
    }
}

fn each<'de, A: SeqAccess<'de>>(
    reducer: &mut Reducer,
    mut items: A,
    alone: bool,
) -> Result<(), A::Error> {
    while let Some(value) = items.next_element::<Value>()? {
        reducer.value(&value, alone).map_err(A::Error::custom)?;
    }
    Ok(())
}
