//! What a declaration of a table or a field is made of. Which ones there are is the business of `fields.rs`.

use super::words::Choice;

/// A table of the manifest.
pub struct TableSpec {
    /// What a message calls it: "metric", "source".
    pub noun: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its fields, in the order in which a manifest is best written.
    pub fields: &'static [Field],
}

/// One field of a table.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub form: Form,
    /// Whether it may be left out.
    pub need: Need,
    /// Which metrics it belongs to.
    pub applies: Applies,
    /// What it says, for people.
    pub doc: &'static str,
    /// A value as it would stand in a manifest; empty for tables.
    pub example: &'static str,
}

/// Whether a field may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every table that the field belongs to has it.
    Required,
    /// It may be left out.
    Optional,
}

/// Which metrics a field belongs to.
#[derive(Clone, Copy)]
pub enum Applies {
    /// All.
    Always,
    /// Those of these types.
    Types(&'static [&'static str]),
    /// Those from these origins.
    Origins(&'static [&'static str]),
}

/// What a field may hold.
pub enum Form {
    /// A line of text, not empty.
    Line,
    /// Text of several lines, not empty.
    Prose,
    /// One of a few words.
    Word(fn() -> Vec<Choice>),
    /// Lines of text, at least one.
    Lines,
    /// Some of a few words.
    Words(fn() -> Vec<Choice>),
    /// A whole number within bounds, both included.
    Integer(i64, i64),
    /// Any number.
    Number,
    /// True or false.
    Flag,
    /// A day.
    Date,
    /// An identifier.
    Identifier,
    /// Lines of text by name.
    LineMap,
    /// One of a few words, by name.
    WordMap(fn() -> Vec<Choice>),
    /// A table.
    Table(&'static TableSpec),
    /// Tables by identifier.
    Tables(&'static TableSpec),
}

/// A field that every table of its kind has.
pub const fn field(name: &'static str, form: Form, doc: &'static str, example: &'static str) -> Field {
    Field { name, form, need: Need::Required, applies: Applies::Always, doc, example }
}

impl Field {
    /// The same, where it may be left out.
    pub const fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    /// The same, for metrics of these types alone.
    pub const fn of_types(mut self, types: &'static [&'static str]) -> Self {
        self.applies = Applies::Types(types);
        self
    }

    /// The same, for metrics from these origins alone.
    pub const fn of_origins(mut self, origins: &'static [&'static str]) -> Self {
        self.applies = Applies::Origins(origins);
        self
    }

    /// Whether the field belongs to metrics of this type and origin.
    pub fn belongs(&self, kind: &str, origin: &str) -> bool {
        match self.applies {
            Applies::Always => true,
            Applies::Types(types) => types.contains(&kind),
            Applies::Origins(origins) => origins.contains(&origin),
        }
    }
}
