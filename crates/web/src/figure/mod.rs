//! The figure: the one answer to one question. Page, table, CSV and JSON are renderings of it, and none adds a number.
//!
//! It knows nothing of what it speaks of. Where a cell leads is a value `L` of the program's own, which turns it into an address
//! when the figure is shown: see [`Links`].

mod coverage;
mod csv_file;
mod json;
mod pages;
mod table;
mod view;
pub mod words;

use serde::Serialize;

pub use coverage::Coverage;
pub use csv_file::csv_file;
pub use json::json;
pub use pages::Pages;
pub use table::{Cell, Column, Part, PartKind, Table};
pub use view::{Links, body, long_body, section, section_of_lead, takeaway};

/// An answer: a sentence with the number, the chart's series, the table, and how much of the base it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure<L> {
    /// Its name in addresses. Whoever asks for the figure sets it, from its declaration.
    pub name: &'static str,
    /// Its name for people.
    pub title: String,
    /// The answer, with its number.
    pub answer: String,
    /// How it was counted.
    pub caption: String,
    /// The chart, where a picture helps.
    pub chart: Option<Chart>,
    /// What it rests on, where it speaks of installations.
    pub coverage: Option<Coverage>,
    /// All its numbers.
    pub table: Table<L>,
    /// What will stand here once there is data, and what to do for it; nothing where no data is good news.
    pub empty: String,
}

/// A chart's numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// Its form.
    pub form: Form,
    /// What is counted, for the axis.
    pub unit: String,
    /// Along the axis: months or names.
    pub labels: Vec<String>,
    /// What is drawn, in order.
    pub series: Vec<Series>,
    /// How colours are given out.
    pub tones: Tones,
}

/// A chart's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A column per month, cut by series.
    StackedColumns,
    /// A line per series, over months.
    Lines,
    /// A bar per name, cut by series, from left to right.
    StackedBars,
}

/// How colours are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tones {
    /// Names without an order.
    Categories,
    /// From the oldest to the newest.
    Ordered,
    /// From the most to the least wanted.
    States,
}

/// One series; a gap is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// One value per label.
    pub values: Vec<Option<f64>>,
}

impl<L> Default for Figure<L> {
    fn default() -> Self {
        Self {
            name: "",
            title: String::new(),
            answer: String::new(),
            caption: String::new(),
            chart: None,
            coverage: None,
            table: Table::default(),
            empty: String::new(),
        }
    }
}
