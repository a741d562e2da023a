//! The value of one field, held against its form. Every value is read on its own: a fault costs that value, and the next
//! one is read all the same.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Found;
use super::form::{Field, Form};
use super::words::{Choice, listed, nearest};
use crate::identifiers::is_identifier;
use crate::limits::{LINE_LENGTH, PROSE_LENGTH};

pub(super) type Entry<'d> = (&'d Spanned<std::borrow::Cow<'d, str>>, &'d Spanned<DeValue<'d>>);

/// A text and the offset where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub at: usize,
    pub text: String,
}

/// A table's entries in the order in which they are written.
pub(super) fn in_order<'d>(table: &'d DeTable<'d>) -> Vec<Entry<'d>> {
    let mut entries: Vec<Entry<'d>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Reads values of one field and says what is wrong with them.
pub(super) struct Reader<'a, 't> {
    pub section: &'a str,
    pub field: &'static Field,
    pub found: &'a mut Found<'t>,
}

impl Reader<'_, '_> {
    fn fault(&mut self, at: usize, what: &str, hint: impl Into<String>) {
        self.found.add(at, format!("`{}` of {} {what}", self.field.name, self.section), hint);
    }

    /// One line, which also fits a closed list or an identifier where the form asks for it.
    pub(super) fn one(&mut self, at: usize, text: &str) -> Option<String> {
        let line = self.line(at, text)?;
        match self.field.form {
            Form::Identifier if !is_identifier(&line) => {
                self.fault(at, &format!("is not a valid identifier: `{line}`"), IDENTIFIER_HINT);
                None
            }
            Form::Word(choices) => self.choice(at, line, &choices()),
            _ => Some(line),
        }
    }

    fn line(&mut self, at: usize, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            let hint = format!("say {}", self.field.doc);
            self.fault(at, "is empty", hint);
        } else if text.trim() != text {
            self.fault(at, "starts or ends with a space", "take the space out");
        } else if text.chars().any(char::is_control) {
            self.fault(at, "has line breaks or control characters", "write it in one line");
        } else if text.len() > LINE_LENGTH {
            self.fault(at, &format!("is longer than {LINE_LENGTH} bytes"), "shorten it");
        } else {
            return Some(text.to_owned());
        }
        None
    }

    pub(super) fn prose(&mut self, at: usize, text: &str) -> Option<String> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            let hint = format!("say {}", self.field.doc);
            self.fault(at, "is empty", hint);
        } else if words.chars().any(char::is_control) {
            self.fault(at, "has control characters", "take them out");
        } else if words.len() > PROSE_LENGTH {
            self.fault(at, &format!("is longer than {PROSE_LENGTH} bytes"), "shorten it");
        } else {
            return Some(words);
        }
        None
    }

    fn choice(&mut self, at: usize, line: String, choices: &[Choice]) -> Option<String> {
        let words = choices.iter().map(|choice| choice.word);
        if words.clone().any(|word| word == line) {
            return Some(line);
        }
        let hint = match nearest(&line, words.clone()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("choose {}", listed(words)),
        };
        self.fault(at, &format!("is `{line}`, which is none of its words"), hint);
        None
    }

    pub(super) fn list(
        &mut self,
        at: usize,
        items: &[Spanned<DeValue<'_>>],
        may_be_empty: bool,
    ) -> Option<Vec<Placed>> {
        if items.is_empty() && !may_be_empty {
            let hint = format!("name at least one, such as `{}`: {}", self.field.example, self.field.doc);
            self.fault(at, "is empty", hint);
            return None;
        }
        let mut texts: Vec<Placed> = Vec::new();
        for item in items {
            let at = item.span().start;
            let DeValue::String(text) = item.get_ref() else {
                let what = format!("holds {}, where each item is a text", form_of(item.get_ref()));
                self.fault(at, &what, "put quotation marks around it");
                continue;
            };
            let Some(mut text) = self.line(at, text) else { continue };
            if let Form::Words(choices) = self.field.form {
                let Some(word) = self.choice(at, text, &choices()) else { continue };
                text = word;
            }
            if texts.iter().any(|known| known.text == text) {
                self.fault(at, &format!("names `{text}` twice"), "keep one of the two");
            } else {
                texts.push(Placed { at, text });
            }
        }
        Some(texts)
    }

    pub(super) fn within(&mut self, at: usize, number: Option<i64>, low: i64, high: i64) -> Option<i64> {
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            self.fault(at, "is out of bounds", format!("write a whole number from {low} to {high}"));
        }
        number
    }

    pub(super) fn date(&mut self, at: usize, moment: &toml::value::Datetime) -> Option<Date> {
        let date = match (moment.date, moment.time) {
            (Some(date), None) => Date::new(date.year as i16, date.month as i8, date.day as i8).ok(),
            _ => None,
        };
        if date.is_none() {
            self.fault(at, "is not a day", format!("write a day alone, such as {}", self.field.example));
        }
        date
    }

    pub(super) fn map(&mut self, table: &DeTable<'_>) -> Vec<(Placed, Placed)> {
        let mut entries = Vec::new();
        for (key, value) in in_order(table) {
            let at = value.span().start;
            let DeValue::String(text) = value.get_ref() else {
                self.wrong_form(at, value.get_ref());
                continue;
            };
            let Some(mut text) = self.line(at, text) else { continue };
            if let Form::WordMap(choices) = self.field.form {
                let Some(word) = self.choice(at, text, &choices()) else { continue };
                text = word;
            }
            let Some(name) = self.line(key.span().start, key.get_ref()) else { continue };
            entries.push((Placed { at: key.span().start, text: name }, Placed { at, text }));
        }
        entries
    }

    pub(super) fn tables<'d>(&mut self, table: &'d DeTable<'d>) -> Vec<(Placed, &'d DeTable<'d>)> {
        let mut tables = Vec::new();
        for (key, value) in in_order(table) {
            let (at, name) = (key.span().start, key.get_ref().to_string());
            let DeValue::Table(inner) = value.get_ref() else {
                let hint = format!("write `[{}.name]` and its fields below", self.field.name);
                self.fault(at, &format!("holds `{name}`, which is not a table"), hint);
                continue;
            };
            if !is_identifier(&name) {
                self.fault(at, &format!("holds `{name}`, which is not a valid identifier"), IDENTIFIER_HINT);
            }
            tables.push((Placed { at, text: name }, inner));
        }
        tables
    }

    pub(super) fn wrong_form(&mut self, at: usize, value: &DeValue<'_>) {
        let wanted = match self.field.form {
            Form::Line | Form::Prose | Form::Identifier | Form::Word(_) => "a text",
            Form::Lines | Form::Words(_) => "a list of texts",
            Form::Integer(..) => "a whole number",
            Form::Number => "a number",
            Form::Flag => "true or false",
            Form::Date => "a day",
            Form::LineMap | Form::WordMap(_) => "a table of names and texts",
            Form::Table(_) | Form::Tables(_) => "a table",
        };
        let hint = match self.field.example {
            "" => format!("write `[{}]` and its fields below", self.field.name),
            example => format!("write `{} = {example}`", self.field.name),
        };
        self.fault(at, &format!("is {}, not {wanted}", form_of(value)), hint);
    }
}

const IDENTIFIER_HINT: &str =
    "use lower-case letters, digits, `_` and `-`, a letter first, 64 characters at the most";

fn form_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
