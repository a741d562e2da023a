//! What a fact may hold on the wire.
//!
//! The reader is written by hand: an untagged enum halves the speed of parsing, and a value of a shape that no metric
//! has must cost that value, not the report. It counts while it reads, and skips what is beyond a limit: a sender decides how many
//! bytes arrive, and not how much memory they take.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::{DEVICE_ROWS, ELEMENTS, KEYS_PER_METRIC, ROW_CELLS, ROW_ELEMENTS};

/// A fact's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Decimal(f64),
    /// Text.
    Text(String),
    /// Entries by key.
    Keyed(BTreeMap<String, Entry>),
    /// Rows of named columns.
    Rows(Vec<BTreeMap<String, Entry>>),
    /// Something that no metric holds; what it was is not kept.
    Unreadable,
}

/// One entry of a keyed value, or one cell of a row. Unset, empty text and "in use" are three different things.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// No value: null.
    Unset,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Decimal(f64),
    /// Text, perhaps empty.
    Text(String),
    /// A value that was rewritten.
    Redacted(Redacted),
    /// Something that no entry holds; what it was is not kept.
    Unreadable,
}

/// What is left of a rewritten value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redacted {
    /// There is a value: `{"redacted": "in-use"}`.
    InUse,
    /// Its keyed hash: `{"hash": "<64 hexadecimal digits>"}`.
    Hash(String),
    /// The power of ten that it falls into: `{"bucket": "10-99"}`.
    Bucket(String),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Keyed(entries) => entries.serialize(serializer),
            Self::Rows(rows) => rows.serialize(serializer),
            Self::Unreadable => serializer.serialize_unit(),
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unset | Self::Unreadable => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Redacted(redacted) => {
                let (key, value) = match redacted {
                    Redacted::InUse => ("redacted", "in-use"),
                    Redacted::Hash(hash) => ("hash", hash.as_str()),
                    Redacted::Bucket(bucket) => ("bucket", bucket.as_str()),
                };
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(key, value)?;
                map.end()
            }
        }
    }
}

/// The scalar half of both visitors.
macro_rules! scalars {
    ($target:ident) => {
        fn visit_bool<E>(self, flag: bool) -> Result<$target, E> {
            Ok($target::Flag(flag))
        }
        fn visit_i64<E>(self, number: i64) -> Result<$target, E> {
            Ok($target::Integer(number))
        }
        fn visit_u64<E>(self, number: u64) -> Result<$target, E> {
            Ok(i64::try_from(number).map_or($target::Unreadable, $target::Integer))
        }
        fn visit_f64<E>(self, number: f64) -> Result<$target, E> {
            Ok($target::Decimal(number))
        }
        fn visit_str<E>(self, text: &str) -> Result<$target, E> {
            Ok($target::Text(text.to_owned()))
        }
        fn visit_string<E>(self, text: String) -> Result<$target, E> {
            Ok($target::Text(text))
        }
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a value")
        }
    };
}

/// Elements that may still be read, and how many were skipped because there was no more room.
pub(crate) struct Room {
    elements: usize,
    /// Keys and rows that were skipped since this was last set to 0.
    pub skipped: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self { elements: ELEMENTS, skipped: 0 }
    }
}

impl Room {
    fn take(&mut self, elements: usize) -> bool {
        let left = self.elements.checked_sub(elements);
        self.elements = left.unwrap_or(self.elements);
        left.is_some()
    }
}

/// Reads a value into what room there is.
pub(crate) struct ValueSeed<'r>(pub &'r mut Room);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor(self.0))
    }
}

struct ValueVisitor<'r>(&'r mut Room);

impl<'de> Visitor<'de> for ValueVisitor<'_> {
    type Value = Value;
    scalars!(Value);

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Unreadable)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if let Some(known) = entries.get_mut(&key) {
                // A key that stands twice hides one of its values from a reader: neither is believed.
                *known = Entry::Unreadable;
                map.next_value::<IgnoredAny>()?;
            } else if entries.len() < KEYS_PER_METRIC && self.0.take(1) {
                entries.insert(key, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
                self.0.skipped += 1;
            }
        }
        Ok(Value::Keyed(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut rows = Vec::new();
        loop {
            if rows.len() >= DEVICE_ROWS || !self.0.take(ROW_ELEMENTS) {
                self.0.skipped += skip_items(&mut sequence)?;
                return Ok(Value::Rows(rows));
            }
            match sequence.next_element_seed(RowSeed(self.0))? {
                Some(Some(row)) => rows.push(row),
                Some(None) => {
                    skip_items(&mut sequence)?;
                    return Ok(Value::Unreadable);
                }
                None => return Ok(Value::Rows(rows)),
            }
        }
    }
}

/// Skips the rest of a list. Returns how many items it had.
fn skip_items<'de, A: SeqAccess<'de>>(sequence: &mut A) -> Result<u64, A::Error> {
    let mut items = 0;
    while sequence.next_element::<IgnoredAny>()?.is_some() {
        items += 1;
    }
    Ok(items)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ValueSeed(&mut Room::default()).deserialize(deserializer)
    }
}

/// Reads a row; `None` where it is not an object, or has more cells than any row.
struct RowSeed<'r>(&'r mut Room);

type Row = BTreeMap<String, Entry>;

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Option<Row>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Row>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Option<Row>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a row")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Option<Row>, E> {
        Ok(None)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Option<Row>, E> {
        Ok(None)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Option<Row>, E> {
        Ok(None)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Option<Row>, E> {
        Ok(None)
    }
    fn visit_str<E>(self, _: &str) -> Result<Option<Row>, E> {
        Ok(None)
    }
    fn visit_unit<E>(self) -> Result<Option<Row>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Option<Row>, A::Error> {
        skip_items(&mut sequence)?;
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Row>, A::Error> {
        let mut cells = Row::new();
        let mut fits = true;
        while let Some(key) = map.next_key::<String>()? {
            if let Some(known) = cells.get_mut(&key) {
                *known = Entry::Unreadable;
                map.next_value::<IgnoredAny>()?;
            } else if fits && cells.len() < ROW_CELLS && self.0.take(1) {
                cells.insert(key, map.next_value()?);
            } else {
                fits = false;
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(fits.then_some(cells))
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;
    scalars!(Entry);

    fn visit_unit<E>(self) -> Result<Entry, E> {
        Ok(Entry::Unset)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let mut found = None;
        let mut fields = 0;
        while let Some(key) = map.next_key::<String>()? {
            let Entry::Text(text) = map.next_value::<Entry>()? else { return skip_rest(map) };
            found = Redacted::read(&key, text);
            fields += 1;
        }
        Ok(match found {
            Some(redacted) if fields == 1 => Entry::Redacted(redacted),
            _ => Entry::Unreadable,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Entry, A::Error> {
        skip_items(&mut sequence)?;
        Ok(Entry::Unreadable)
    }
}

fn skip_rest<'de, A: MapAccess<'de>>(mut map: A) -> Result<Entry, A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(Entry::Unreadable)
}

impl Redacted {
    fn read(key: &str, value: String) -> Option<Self> {
        let is_hash = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_bucket = value.len() <= 48 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match key {
            "redacted" if value == "in-use" => Some(Self::InUse),
            "hash" if is_hash => Some(Self::Hash(value)),
            "bucket" if is_bucket => Some(Self::Bucket(value)),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn unset_empty_and_in_use_stay_distinct() {
        let json = r#"{"a":null,"b":"","c":{"redacted":"in-use"},"d":{"bucket":"10-99"},"e":1.5,"f":true}"#;
        let value = read(json);
        let Value::Keyed(entries) = &value else { panic!("{value:?}") };
        assert_eq!(entries["a"], Entry::Unset);
        assert_eq!(entries["b"], Entry::Text(String::new()));
        assert_eq!(entries["c"], Entry::Redacted(Redacted::InUse));
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }

    #[test]
    fn a_shape_that_no_metric_has_is_read_and_not_kept() {
        assert_eq!(read("null"), Value::Unreadable);
        assert_eq!(read("[1,2]"), Value::Unreadable);
        assert_eq!(read("18446744073709551615"), Value::Unreadable);
        let Value::Keyed(entries) = read(r#"{"x":[1],"y":{"a":{"b":1}},"z":{"hash":"no"},"t":1,"t":2}"#)
        else {
            panic!()
        };
        assert!(entries.values().all(|entry| *entry == Entry::Unreadable), "{entries:?}");
    }
}
