//! One table of the manifest, held against its declaration: unknown fields, wrong forms and missing fields are faults;
//! what is left can be asked for by name.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Found;
use super::form::{Applies, Field, Form, Need, TableSpec};
use super::reader::{Placed, Reader, in_order};
use super::words::{Word, listed, nearest};

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
    Flag(bool),
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
            (Form::Flag, DeValue::Boolean(flag)) => Some(Given::Flag(*flag)),
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

    /// Whether the field says yes; left out, it does not.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.given(name), Some(Given::Flag(true)))
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
