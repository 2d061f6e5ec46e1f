//! JSON that is read once and looked through: texts stay in what was read, members in a list, and numbers are whole.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// A value.
#[derive(Debug)]
pub(crate) enum Json<'t> {
    /// An object, in the order of its text.
    Members(Vec<(Cow<'t, str>, Json<'t>)>),
    /// An array.
    Items(Vec<Json<'t>>),
    /// A string.
    Text(Cow<'t, str>),
    /// A whole number of at most 64 bits.
    Number(i64),
    /// Anything else: no report has it where it is looked for.
    Other,
}

impl<'t> Json<'t> {
    /// Reads a text; the line of what is no JSON, from 1, otherwise.
    pub(crate) fn read(text: &'t str) -> Result<Self, u32> {
        serde_json::from_str(text).map_err(|error| u32::try_from(error.line()).unwrap_or(1))
    }

    /// The members of an object, or none.
    pub(crate) fn members(&self) -> &[(Cow<'t, str>, Self)] {
        if let Self::Members(members) = self { members } else { &[] }
    }

    /// Whether it is an object.
    pub(crate) const fn is_object(&self) -> bool {
        matches!(self, Self::Members(_))
    }

    /// The items of an array, or none.
    pub(crate) fn items(&self) -> &[Self] {
        if let Self::Items(items) = self { items } else { &[] }
    }

    /// A member of an object; of several with one name the last.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().rfind(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The members by their names, for a table of which many are looked up.
    pub(crate) fn table(&self) -> HashMap<&str, &Self> {
        self.members().iter().map(|(key, value)| (key.as_ref(), value)).collect()
    }

    /// A string's text.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A whole number.
    pub(crate) const fn signed(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// A whole number that is not below zero.
    pub(crate) fn number(&self) -> Option<u64> {
        self.signed().and_then(|number| number.try_into().ok())
    }
}

// A name that stays in what is read, unless it has escapes.
#[derive(Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.try_into().unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Json::Items(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Json::Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_and_looked_through() {
        let text = r#"{"a":[1,-2,1.5,null,true,18446744073709551615],"\u0062":"c\n","a b":{"x":"y"},"a":7}"#;
        let json = Json::read(text).expect("JSON");
        assert_eq!(json.get("a").and_then(Json::number), Some(7), "the last of a name");
        let items: Vec<_> = json.members()[0].1.items().iter().map(Json::signed).collect();
        assert_eq!(items, [Some(1), Some(-2), None, None, None, Some(i64::MAX)]);
        assert_eq!(json.get("b").and_then(Json::text), Some("c\n"));
        assert_eq!(json.table()["a b"].get("x").and_then(Json::text), Some("y"));
        assert!(json.is_object() && json.get("c").is_none() && json.items().is_empty());
    }

    #[test]
    fn what_is_none_is_told_by_its_line() {
        for (text, line) in [("", 1), ("{\n\"a\":", 2), ("{}\n\n{}", 3), ("nul", 1)] {
            assert_eq!(Json::read(text).map(drop), Err(line), "{text:?}");
        }
        assert!(Json::read(&"[".repeat(5_000)).is_err(), "nests too deeply");
    }
}
