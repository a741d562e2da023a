//! The text as a TOML document that remembers where everything stands; what is not TOML is a fault like any other.

use toml::Spanned;
use toml::de::DeTable;

use super::faults::Found;

/// Parses as much of the text as is TOML.
pub(super) fn parse<'t>(text: &'t str, found: &mut Found) -> Spanned<DeTable<'t>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut doubled_table = None;
    for error in errors {
        found.broken = true;
        let span = error.span().unwrap_or(text.len()..text.len());
        let message = error.message();
        if message != "duplicate key" {
            found.add(span.start, format!("not TOML: {message}"), hint(message));
        } else if doubled_table != Some(table_around(text, span.start)) {
            let name = text.get(span.clone()).unwrap_or_default();
            found.add(span.start, format!("`{name}` is given twice"), "keep one of the two");
            // Every field of a table that stands twice stands twice as well; the table's own fault says it all.
            doubled_table = is_table_name(text, span.start).then(|| table_around(text, span.start));
        }
    }
    document
}

/// Where the table begins that an offset lies in.
fn table_around(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind("\n[")).map_or(0, |newline| newline + 1)
}

/// Whether an offset lies in the name of a table, `[like.this]`.
fn is_table_name(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    before[before.rfind('\n').map_or(0, |newline| newline + 1)..].trim_start().starts_with('[')
}

fn hint(message: &str) -> &'static str {
    if message.contains("newline") || message.contains("closing") || message.contains("`\"`") {
        "close what was opened: a text ends with a quotation mark, a list with `]`, a table's name with `]`"
    } else if message.contains("string values must be quoted") {
        "put quotation marks around it"
    } else {
        "write `name = value`, texts in quotation marks; toml.io shows the whole language"
    }
}
