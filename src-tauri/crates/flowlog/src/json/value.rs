//! One element to a value.

use crate::Cause;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};
use std::cell::Cell;
use std::fmt;

/// Begins the message of the error for a repeated member.
const REPEATED: &str = "a member is repeated";
/// Begins the message of the error for too many values.
const MANY: &str = "too many values";
/// The most values that one element may have: they take many times the memory of their bytes.
const MOST: usize = 1_000_000;

/// Reads one element. Of two members of the same name, `serde_json` would quietly drop one: that is an error here.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, Cause> {
    let text = std::str::from_utf8(bytes).map_err(|_| Cause::NotUtf8)?;
    let mut input = serde_json::Deserializer::from_str(text);
    let values = Cell::new(0);
    let value =
        Strict(&values).deserialize(&mut input).and_then(|value| input.end().map(|()| value));
    value.map_err(|error| match error.to_string() {
        message if message.starts_with(REPEATED) => Cause::RepeatedKey,
        message if message.starts_with(MANY) => Cause::TooMany { limit: MOST },
        _ => Cause::Json { at: position(text, error.line(), error.column()) },
    })
}

/// Where the line and column of an error, both counted from 1, are. Unit: bytes.
fn position(text: &str, line: usize, column: usize) -> u64 {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len);
    before.fold(column.saturating_sub(1), usize::saturating_add) as u64
}

/// Takes the member at this path out of an object, and an object that is thereby empty with it.
///
/// An object that has the whole path as one name, as flattened documents have it (`src_endpoint.ip`), gives that.
pub(crate) fn take(object: &mut Map<String, Json>, path: &str) -> Json {
    if let Some(value) = object.shift_remove(path) {
        return value;
    }
    let Some((first, rest)) = path.split_once('.') else { return Json::Null };
    let Some(Json::Object(inner)) = object.get_mut(first) else { return Json::Null };
    let value = take(inner, rest);
    if inner.is_empty() {
        object.shift_remove(first);
    }
    value
}

/// The member at this path.
pub(crate) fn get<'a>(object: &'a Map<String, Json>, path: &str) -> Option<&'a Json> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    get(object.get(first)?.as_object()?, rest)
}

/// Reads a value, and counts it.
#[derive(Clone, Copy)]
struct Strict<'c>(&'c Cell<usize>);

impl Strict<'_> {
    fn count<E: Error>(self) -> Result<(), E> {
        self.0.set(self.0.get().saturating_add(1));
        if self.0.get() > MOST { Err(E::custom(MANY)) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Json, D::Error> {
        self.count()?;
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom(REPEATED));
            }
        }
        Ok(Json::Object(object))
    }
}
