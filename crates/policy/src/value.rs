//! What a fact may hold on the wire.
//!
//! The reader is written by hand: an untagged enum halves the speed of parsing, and a value of a shape that no metric
//! has must cost that value, not the report.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;
    scalars!(Value);

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Unreadable)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, entry)) = map.next_entry::<String, Entry>()? {
            // A key that stands twice hides one of its values from a reader: neither is believed.
            entries.entry(key).and_modify(|known| *known = Entry::Unreadable).or_insert(entry);
        }
        Ok(Value::Keyed(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut rows = Vec::new();
        let mut readable = true;
        while let Some(row) = sequence.next_element::<Value>()? {
            match row {
                Value::Keyed(cells) => rows.push(cells),
                _ => readable = false,
            }
        }
        Ok(if readable { Value::Rows(rows) } else { Value::Unreadable })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
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
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
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
