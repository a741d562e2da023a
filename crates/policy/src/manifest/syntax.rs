//! The text as a TOML document that remembers where everything stands; what is no TOML is a fault like any other.

use toml::Spanned;
use toml::de::DeTable;

use super::faults::Found;

/// Parses as much of the text as is TOML.
pub(super) fn parse<'t>(text: &'t str, found: &mut Found) -> Spanned<DeTable<'t>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        found.broken = true;
        let at = error.span().map_or(text.len(), |span| span.start);
        let message = error.message();
        found.add(at, format!("not TOML: {message}"), hint(message));
    }
    document
}

fn hint(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "keep one of the two"
    } else if message.contains("newline") || message.contains("closing") || message.contains("`\"`") {
        "close what was opened: a text ends with a quotation mark, a list with `]`, a table's name with `]`"
    } else if message.contains("string values must be quoted") {
        "put quotation marks around it"
    } else {
        "write `name = value`, texts in quotation marks; toml.io shows the whole language"
    }
}
