//! Tables and columns as the catalogue names them, and how their names are written into SQL.

use candor_policy::{Entry, KeyPattern, Redacted};

/// A row of texts; every statement asks for texts and nothing else, so that one reader serves both products.
pub(super) type Texts = Vec<Option<String>>;

/// A table or view that the catalogue lists; there is no other way to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name as the catalogue has it.
    pub name: String,
    /// The name in SQL: quoted, with its schema where there are schemas.
    pub(super) sql: String,
    /// What the catalogue knows it by.
    pub(super) id: String,
    /// What it is.
    pub(super) kind: TableKind,
    /// Whether its rows have ids that they can be counted by in steps (SQLite).
    pub(super) has_row_ids: bool,
}

impl Table {
    /// What it is.
    pub fn kind(&self) -> TableKind {
        self.kind
    }
}

/// What a catalogue lists among the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// A table that holds records of its own; one with partitions, as a whole.
    Ordinary,
    /// A partition or a child of another table, a view, a foreign, virtual or shadow table: its rows are another's, so no pattern
    /// finds it, and it is read only where the policy names it.
    Derived,
}

/// A column that the catalogue lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name as the catalogue has it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether the login has the right to read it.
    pub may_be_read: bool,
}

/// What a column, or in SQLite a value, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Flag,
    /// Whole or other numbers.
    Number,
    /// Text, dates and all else that has a text form.
    Text,
    /// Bytes; never read.
    Bytes,
    /// Each value says for itself (SQLite).
    ByValue,
}

/// A name in SQL, quoted so that whatever it holds is a name (SQL:2016, 5.2, delimited identifier).
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// How a name is reported. A database that folds names to lower case (PostgreSQL) would give the same option another key
/// than one that does not: such a name takes the case of the policy's pattern, where that has capitals alone.
pub fn reported(name: &str, pattern: &KeyPattern) -> String {
    if let Some(literal) = pattern.literal() {
        return literal.to_owned();
    }
    if is_folded(name, pattern) { name.to_uppercase() } else { name.to_owned() }
}

/// Whether a database folded this name to lower case where the policy writes capitals.
pub fn is_folded(name: &str, pattern: &KeyPattern) -> bool {
    let pattern = pattern.as_str();
    let capitals = pattern.chars().any(char::is_uppercase) && !pattern.chars().any(char::is_lowercase);
    capitals && name.chars().any(char::is_lowercase) && !name.chars().any(char::is_uppercase)
}

/// The table of this very name; where only the letters' case differs, the first.
pub fn named<'a>(tables: &'a [Table], name: &str) -> Option<&'a Table> {
    let exact = tables.iter().find(|table| table.name == name);
    exact.or_else(|| tables.iter().find(|table| KeyPattern::new(name).matches(&table.name)))
}

/// An entry from what the database said of a value: its kind and its text. Bytes are in use: there is a value, and a
/// report has no place for it.
pub(super) fn entry(kind: Kind, text: Option<String>) -> Entry {
    let Some(text) = text else { return Entry::Unset };
    match kind {
        Kind::Bytes => Entry::Redacted(Redacted::InUse),
        Kind::Flag => match text.as_str() {
            "1" | "t" | "true" => Entry::Flag(true),
            "0" | "f" | "false" => Entry::Flag(false),
            _ => number(text),
        },
        Kind::Number => number(text),
        Kind::Text | Kind::ByValue => Entry::Text(text),
    }
}

fn number(text: String) -> Entry {
    if let Ok(number) = text.parse() {
        return Entry::Integer(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Entry::Decimal(number),
        // Not a number, infinite, or an amount of money.
        _ => Entry::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(quoted("a\"; DROP TABLE b; --"), "\"a\"\"; DROP TABLE b; --\"");
    }

    #[test]
    fn a_folded_name_takes_the_policys_case() {
        let pattern = KeyPattern::new("*OPTIONS");
        assert_eq!(reported("wkoptions", &pattern), "WKOPTIONS");
        assert_eq!(reported("WkOptions", &pattern), "WkOptions");
        assert_eq!(reported("wkoptions", &KeyPattern::new("*options")), "wkoptions");
        assert_eq!(reported("wkorder", &KeyPattern::new("WKORDER")), "WKORDER");
    }

    #[test]
    fn unset_empty_and_every_kind_stay_distinct() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(entry(Kind::Text, None), Entry::Unset);
        assert_eq!(entry(Kind::Text, text("")), Entry::Text(String::new()));
        assert_eq!(entry(Kind::Number, text("12")), Entry::Integer(12));
        assert_eq!(entry(Kind::Number, text("12.50")), Entry::Decimal(12.5));
        assert_eq!(entry(Kind::Number, text("NaN")), Entry::Text("NaN".to_owned()));
        assert_eq!(entry(Kind::Flag, text("true")), Entry::Flag(true));
        assert_eq!(entry(Kind::Flag, text("7")), Entry::Integer(7));
        assert_eq!(entry(Kind::Bytes, text("")), Entry::Redacted(Redacted::InUse));
    }
}
