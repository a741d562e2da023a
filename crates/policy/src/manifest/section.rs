//! One table of the manifest, held against its declaration: unknown fields, wrong forms and missing fields are faults;
//! what is left can be asked for by name.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Found;
use super::fields::{Applies, Field, Form, Need, TableSpec};
use super::words::{Choice, Word, listed, nearest};
use crate::identifiers::is_identifier;
use crate::limits::{LINE_LENGTH, PROSE_LENGTH};

/// A text and the offset where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub at: usize,
    pub text: String,
}

/// A table, checked field by field.
pub(super) struct Section<'d> {
    /// What messages call it: "metric `os_version`".
    pub name: String,
    /// Where it starts.
    pub at: usize,
    spec: &'static TableSpec,
    fields: Vec<Filled<'d>>,
}

struct Filled<'d> {
    field: &'static Field,
    at: usize,
    /// Nothing, where the value has a fault.
    given: Option<Given<'d>>,
}

enum Given<'d> {
    Text(String),
    Texts(Vec<Placed>),
    Integer(i64),
    Number(f64),
    Date(Date),
    Map(Vec<(Placed, Placed)>),
    Table(usize, &'d DeTable<'d>),
    Tables(Vec<(Placed, &'d DeTable<'d>)>),
}

impl<'d> Section<'d> {
    /// Reads a table. Fields that belong to some metrics alone are not yet asked for: see [`Self::narrow`].
    pub(super) fn read(
        spec: &'static TableSpec,
        name: String,
        at: usize,
        table: &'d DeTable<'d>,
        found: &mut Found,
    ) -> Self {
        let mut section = Self { name, at, spec, fields: Vec::new() };
        for (key, value) in in_order(table) {
            match spec.fields.iter().find(|field| field.name == key.get_ref().as_ref()) {
                Some(field) => {
                    let given = section.value(field, key.span().start, value, found);
                    section.fields.push(Filled { field, at: value_offset(key, value), given });
                }
                None => section.unknown(key, found),
            }
        }
        for field in spec.fields.iter().filter(|field| matches!(field.applies, Applies::Always)) {
            section.ask_for(field, found);
        }
        section
    }

    /// Says what is missing, and what is too much, in a metric of this type and origin.
    pub(super) fn narrow(&self, kind: &str, origin: &str, found: &mut Found) {
        for field in self.spec.fields.iter().filter(|field| !matches!(field.applies, Applies::Always)) {
            if field.belongs(kind, origin) {
                self.ask_for(field, found);
            } else if let Some(filled) = self.filled(field.name) {
                let owners = match field.applies {
                    Applies::Types(types) => format!("type {}", listed(types.iter().copied())),
                    Applies::Origins(origins) => format!("from {}", listed(origins.iter().copied())),
                    Applies::Always => String::new(),
                };
                let message = format!(
                    "{} is of type `{kind}`, from `{origin}`, and has no `{}`",
                    self.name, field.name
                );
                found.add(filled.at, message, format!("take it out; it belongs to metrics of {owners}"));
            }
        }
    }

    fn ask_for(&self, field: &Field, found: &mut Found) {
        if field.need == Need::Required && self.filled(field.name).is_none() {
            let hint = match field.form {
                Form::Table(_) => format!("add a table `[{}]`: {}", field.name, field.doc),
                Form::Tables(_) => format!("add at least one table `[{}.name]`: {}", field.name, field.doc),
                _ => format!("add `{} = {}`: {}", field.name, field.example, field.doc),
            };
            found.missing(self.at, format!("{} has no `{}`", self.name, field.name), hint);
        }
    }

    fn unknown(&self, key: &Spanned<std::borrow::Cow<'_, str>>, found: &mut Found) {
        let name = key.get_ref();
        let known = self.spec.fields.iter().map(|field| field.name);
        let hint = match nearest(name, known.clone()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("a {} has {}", self.spec.noun, listed(known).replace(" or ", " and ")),
        };
        found.add(key.span().start, format!("{} has an unknown field `{name}`", self.name), hint);
    }

    fn value(
        &self,
        field: &'static Field,
        key_at: usize,
        value: &'d Spanned<DeValue<'d>>,
        found: &mut Found,
    ) -> Option<Given<'d>> {
        let mut reader = Reader { section: &self.name, field, found };
        let at = value.span().start;
        match (&field.form, value.get_ref()) {
            (Form::Line | Form::Identifier | Form::Word(_), DeValue::String(text)) => {
                reader.one(at, text).map(Given::Text)
            }
            (Form::Prose, DeValue::String(text)) => reader.prose(at, text).map(Given::Text),
            (Form::Lines, DeValue::Array(items)) => reader.list(at, items, false).map(Given::Texts),
            (Form::Words(_), DeValue::Array(items)) => reader.list(at, items, true).map(Given::Texts),
            (Form::Integer(low, high), DeValue::Integer(digits)) => {
                let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
                reader.within(at, number, *low, *high).map(Given::Integer)
            }
            (Form::Number, DeValue::Integer(digits)) => i64::from_str_radix(digits.as_str(), digits.radix())
                .ok()
                .map(|number| Given::Number(number as f64)),
            (Form::Number, DeValue::Float(digits)) => {
                digits.as_str().parse().ok().filter(|number: &f64| number.is_finite()).map(Given::Number)
            }
            (Form::Date, DeValue::Datetime(moment)) => reader.date(at, moment).map(Given::Date),
            (Form::LineMap | Form::WordMap(_), DeValue::Table(table)) => Some(Given::Map(reader.map(table))),
            (Form::Table(_), DeValue::Table(table)) => Some(Given::Table(key_at, table)),
            (Form::Tables(_), DeValue::Table(table)) => Some(Given::Tables(reader.tables(table))),
            (_, other) => {
                reader.wrong_form(at, other);
                None
            }
        }
    }

    fn filled(&self, name: &str) -> Option<&Filled<'d>> {
        self.fields.iter().find(|filled| filled.field.name == name)
    }

    fn given(&self, name: &str) -> Option<&Given<'d>> {
        self.filled(name)?.given.as_ref()
    }

    /// Whether the field stands there, well or badly filled.
    pub(super) fn has(&self, name: &str) -> bool {
        self.filled(name).is_some()
    }

    /// Where the field's value stands; without one, where the table starts.
    pub(super) fn place(&self, name: &str) -> usize {
        self.filled(name).map_or(self.at, |filled| filled.at)
    }

    /// The field's text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.given(name)? {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The field's text, owned.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// The value that the field's word stands for.
    pub(super) fn word<W: Word>(&self, name: &str) -> Option<W> {
        self.text(name).and_then(W::read)
    }

    /// The field's texts; none, where it is left out.
    pub(super) fn texts(&self, name: &str) -> &[Placed] {
        match self.given(name) {
            Some(Given::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// The field's texts without their places.
    pub(super) fn plain_texts(&self, name: &str) -> Vec<String> {
        self.texts(name).iter().map(|placed| placed.text.clone()).collect()
    }

    /// The field's whole number.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        match self.given(name)? {
            Given::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The field's number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        match self.given(name)? {
            Given::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The field's day.
    pub(super) fn date(&self, name: &str) -> Option<Date> {
        match self.given(name)? {
            Given::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The field's texts by name, in the manifest's order.
    pub(super) fn map(&self, name: &str) -> &[(Placed, Placed)] {
        match self.given(name) {
            Some(Given::Map(entries)) => entries,
            _ => &[],
        }
    }

    /// The table of this name.
    pub(super) fn table(&self, name: &str, found: &mut Found) -> Option<Section<'d>> {
        let filled = self.filled(name)?;
        match (&filled.field.form, &filled.given) {
            (Form::Table(spec), Some(Given::Table(at, table))) => {
                Some(Section::read(spec, format!("`[{name}]`"), *at, table, found))
            }
            _ => None,
        }
    }

    /// The tables of this name, each with its identifier, in the manifest's order.
    pub(super) fn tables(&self, name: &str, found: &mut Found) -> Vec<(String, Section<'d>)> {
        let Some(filled) = self.filled(name) else { return Vec::new() };
        let (Form::Tables(spec), Some(Given::Tables(tables))) = (&filled.field.form, &filled.given) else {
            return Vec::new();
        };
        tables
            .iter()
            .map(|(id, table)| {
                let name = format!("{} `{}`", spec.noun, id.text);
                (id.text.clone(), Section::read(spec, name, id.at, table, found))
            })
            .collect()
    }
}

/// A table's value stands where its name does.
fn value_offset(key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> usize {
    match value.get_ref() {
        DeValue::Table(_) => key.span().start,
        _ => value.span().start,
    }
}

type Entry<'d> = (&'d Spanned<std::borrow::Cow<'d, str>>, &'d Spanned<DeValue<'d>>);

/// A table's entries in the order in which they are written.
fn in_order<'d>(table: &'d DeTable<'d>) -> Vec<Entry<'d>> {
    let mut entries: Vec<Entry<'d>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Reads values of one field and says what is wrong with them.
struct Reader<'a, 't> {
    section: &'a str,
    field: &'static Field,
    found: &'a mut Found<'t>,
}

impl Reader<'_, '_> {
    fn fault(&mut self, at: usize, what: &str, hint: impl Into<String>) {
        self.found.add(at, format!("`{}` of {} {what}", self.field.name, self.section), hint);
    }

    /// One line, which also fits a closed list or an identifier where the form asks for it.
    fn one(&mut self, at: usize, text: &str) -> Option<String> {
        let line = self.line(at, text)?;
        match self.field.form {
            Form::Identifier if !is_identifier(&line) => {
                self.fault(at, &format!("is no identifier: `{line}`"), IDENTIFIER_HINT);
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

    fn prose(&mut self, at: usize, text: &str) -> Option<String> {
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

    fn list(&mut self, at: usize, items: &[Spanned<DeValue<'_>>], may_be_empty: bool) -> Option<Vec<Placed>> {
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

    fn within(&mut self, at: usize, number: Option<i64>, low: i64, high: i64) -> Option<i64> {
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            self.fault(at, "is out of bounds", format!("write a whole number from {low} to {high}"));
        }
        number
    }

    fn date(&mut self, at: usize, moment: &toml::value::Datetime) -> Option<Date> {
        let date = match (moment.date, moment.time) {
            (Some(date), None) => Date::new(date.year as i16, date.month as i8, date.day as i8).ok(),
            _ => None,
        };
        if date.is_none() {
            self.fault(at, "is not a day", format!("write a day alone, such as {}", self.field.example));
        }
        date
    }

    fn map(&mut self, table: &DeTable<'_>) -> Vec<(Placed, Placed)> {
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

    fn tables<'d>(&mut self, table: &'d DeTable<'d>) -> Vec<(Placed, &'d DeTable<'d>)> {
        let mut tables = Vec::new();
        for (key, value) in in_order(table) {
            let (at, name) = (key.span().start, key.get_ref().to_string());
            let DeValue::Table(inner) = value.get_ref() else {
                let hint = format!("write `[{}.name]` and its fields below", self.field.name);
                self.fault(at, &format!("holds `{name}`, which is no table"), hint);
                continue;
            };
            if !is_identifier(&name) {
                self.fault(at, &format!("holds `{name}`, which is no identifier"), IDENTIFIER_HINT);
            }
            tables.push((Placed { at, text: name }, inner));
        }
        tables
    }

    fn wrong_form(&mut self, at: usize, value: &DeValue<'_>) {
        let wanted = match self.field.form {
            Form::Line | Form::Prose | Form::Identifier | Form::Word(_) => "a text",
            Form::Lines | Form::Words(_) => "a list of texts",
            Form::Integer(..) => "a whole number",
            Form::Number => "a number",
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
        DeValue::Boolean(_) => "yes or no",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
