//! The figure: the one answer to one question. Page, table, CSV and JSON are renderings of it, and none adds a number.

use jiff::civil::Date;
use serde::Serialize;

use super::words;
use super::words::{grouped, installations, percent, plain};
use crate::store::insights::{KeyOf, Month};

/// An answer: a sentence with the number, the chart's series, the table, and how much of the base it rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
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
    pub table: Table,
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

/// How much of the base a figure rests on, in installations. The parts do not overlap and add up to `reporting`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Those that said it.
    pub known: usize,
    /// Those that reported at all.
    pub reporting: usize,
    /// Those whose own rule left it out.
    pub withheld: usize,
    /// Those that could not measure it.
    pub not_measured: usize,
}

impl Coverage {
    /// Those that report, and say nothing of it: an older version, or another source.
    pub fn unsaid(&self) -> usize {
        self.reporting.saturating_sub(self.known + self.withheld + self.not_measured)
    }

    /// The sentence under the figure; it names every part that is not empty.
    pub fn sentence(&self) -> String {
        if self.reporting == 0 {
            return "No installation is reporting.".to_owned();
        }
        if self.known == self.reporting {
            return format!("Known for all {} reporting.", installations(self.reporting));
        }
        let parts = [
            ("withheld by", self.withheld),
            ("not measured at", self.not_measured),
            ("not reported by", self.unsaid()),
        ];
        let missing: Vec<String> = parts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{what} {}", grouped(count as i64)))
            .collect();
        format!(
            "Known for {} of {} reporting ({}); {}.",
            grouped(self.known as i64),
            installations(self.reporting),
            percent(self.known, self.reporting),
            words::listed(&missing),
        )
    }
}

/// A table with typed columns; every row has one cell per column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns, from left to right; the first names the row.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// Whether it holds numbers, set right-aligned.
    pub numeric: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Text that leads to a page of its own.
    Link {
        /// What is read.
        text: String,
        /// Where it leads, on this origin.
        to: Address,
    },
    /// A whole number.
    Count(i64),
    /// Any number.
    Number(f64),
    /// An index, to one place.
    Index(f64),
    /// A share, 1 being all.
    Share(f64),
    /// A change, 0 being none and 1 the double.
    Change(f64),
    /// A day.
    Day(Date),
    /// A month.
    Month(Month),
    /// Parts of a whole, in the order of the chart's series.
    Parts(Vec<Part>),
    /// Nothing is known.
    Missing,
}

/// One part of a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its name; that of a state stands in brackets, so that nobody takes it for a value.
    pub name: String,
    /// How many.
    pub count: usize,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// One value.
    Value,
    /// All values that are not named.
    Other,
    /// A value that stayed at the site.
    InUse,
    /// Empty text.
    Empty,
    /// No value.
    Unset,
}

/// Where a cell leads; the page knows the words of the address and keeps its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A customer's page.
    Customer(String),
    /// Who uses a module.
    Module(KeyOf),
    /// How a setting is set.
    Setting(KeyOf),
    /// A policy's version.
    Policy(String, String),
}

impl Table {
    /// An empty table with these columns; a name that ends in `#` holds numbers.
    pub fn new<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns = columns
            .into_iter()
            .map(|name| match name.strip_suffix('#') {
                Some(name) => Column { title: name.to_owned(), numeric: true },
                None => Column { title: name.to_owned(), numeric: false },
            })
            .collect();
        Self { columns, rows: Vec::new() }
    }

    /// A column's cells, from top to bottom; none where the table has no such column. The title may end in `#`, as in
    /// [`Table::new`].
    pub fn cells(&self, title: &str) -> impl Iterator<Item = &Cell> {
        let title = title.strip_suffix('#').unwrap_or(title);
        let place = self.columns.iter().position(|column| column.title == title);
        self.rows.iter().filter_map(move |row| row.get(place?))
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count.
    pub fn count(number: usize) -> Self {
        Self::Count(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A share of a whole; of nothing there is none.
    pub fn share(part: usize, whole: usize) -> Self {
        if whole == 0 { Self::Missing } else { Self::Share(part as f64 / whole as f64) }
    }

    /// The number of a count.
    pub fn as_count(&self) -> Option<i64> {
        if let Self::Count(number) = self { Some(*number) } else { None }
    }

    /// As people read it.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Link { text, .. } => text.clone(),
            Self::Count(number) => grouped(*number),
            Self::Number(number) => plain(*number),
            Self::Index(index) => format!("{index:.1}"),
            Self::Share(share) => words::percentage(*share),
            Self::Change(share) => words::change(*share),
            Self::Day(day) => day.to_string(),
            Self::Month(month) => month.to_string(),
            Self::Parts(parts) => joined(parts),
            Self::Missing => "–".to_owned(),
        }
    }

    /// As machines read it: no separators, no unit, nothing for nothing.
    pub fn exact(&self) -> String {
        match self {
            Self::Count(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Index(index) => format!("{index:.1}"),
            Self::Share(share) | Self::Change(share) => format!("{share:.4}"),
            Self::Missing => String::new(),
            other => other.shown(),
        }
    }
}

fn joined(parts: &[Part]) -> String {
    let named: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.name, grouped(part.count as i64))).collect();
    named.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_names_every_part_of_the_base() {
        let coverage = Coverage { known: 241, reporting: 287, withheld: 12, not_measured: 3 };
        assert_eq!(coverage.unsaid(), 31);
        assert_eq!(
            coverage.sentence(),
            "Known for 241 of 287 installations reporting (84\u{a0}%); withheld by 12, not measured at 3 and not reported \
             by 31."
        );
        assert_eq!(Coverage::default().sentence(), "No installation is reporting.");
        let whole = Coverage { known: 5, reporting: 5, ..Coverage::default() };
        assert_eq!(whole.sentence(), "Known for all 5 installations reporting.");
    }

    #[test]
    fn a_columns_cells_are_found_by_its_title_wherever_it_stands() {
        let mut table = Table::new(["Month", "New#"]);
        table.push(vec![Cell::text("May"), Cell::Count(3)]);
        table.push(vec![Cell::text("April"), Cell::Count(5)]);
        assert_eq!(table.cells("New#").collect::<Vec<_>>(), [&Cell::Count(3), &Cell::Count(5)]);
        assert_eq!(table.cells("Old").count(), 0);
    }

    #[test]
    fn a_cell_is_shown_to_people_and_written_for_machines() {
        assert_eq!((Cell::Count(1204).shown(), Cell::Count(1204).exact()), ("1,204".into(), "1204".into()));
        assert_eq!(
            (Cell::Share(0.5).shown(), Cell::Share(0.5).exact()),
            ("50\u{a0}%".into(), "0.5000".into())
        );
        assert_eq!((Cell::Missing.shown(), Cell::Missing.exact()), ("–".into(), String::new()));
    }
}
