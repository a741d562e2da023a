//! A figure's table: typed cells, as people read them and as machines do.

use jiff::civil::Date;
use serde::Serialize;

use super::words::{self, grouped, grouped_count, plain};

/// A table with typed columns; every row has one cell per column.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<L> {
    /// The columns, from left to right; the first names the row.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell<L>>>,
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
pub enum Cell<L> {
    /// Text.
    Text(String),
    /// Text that leads to a page of its own.
    Link {
        /// What is read.
        text: String,
        /// Where it leads, on this origin; the program knows the address.
        to: L,
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
    /// A month, by its first day.
    Month(Date),
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

impl<L> Default for Table<L> {
    fn default() -> Self {
        Self { columns: Vec::new(), rows: Vec::new() }
    }
}

impl<L> Table<L> {
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
    pub fn cells(&self, title: &str) -> impl Iterator<Item = &Cell<L>> {
        let title = title.strip_suffix('#').unwrap_or(title);
        let place = self.columns.iter().position(|column| column.title == title);
        self.rows.iter().filter_map(move |row| row.get(place?))
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell<L>>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }
}

impl<L> Cell<L> {
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
            Self::Month(month) => month.strftime("%Y-%m").to_string(),
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
        parts.iter().map(|part| format!("{} {}", part.name, grouped_count(part.count))).collect();
    named.join(" · ")
}

#[cfg(test)]
mod tests {

    type Table = super::Table<()>;
    type Cell = super::Cell<()>;

    #[test]
    fn a_cell_is_shown_to_people_and_written_for_machines() {
        assert_eq!((Cell::Count(1204).shown(), Cell::Count(1204).exact()), ("1,204".into(), "1204".into()));
        assert_eq!(
            (Cell::Share(0.5).shown(), Cell::Share(0.5).exact()),
            ("50\u{a0}%".into(), "0.5000".into())
        );
        assert_eq!((Cell::Missing.shown(), Cell::Missing.exact()), ("–".into(), String::new()));
    }

    #[test]
    fn a_columns_cells_are_found_by_its_title_wherever_it_stands() {
        let mut table = Table::new(["Month", "New#"]);
        table.push(vec![Cell::text("May"), Cell::Count(3)]);
        table.push(vec![Cell::text("April"), Cell::Count(5)]);
        assert_eq!(table.cells("New#").collect::<Vec<_>>(), [&Cell::Count(3), &Cell::Count(5)]);
        assert_eq!(table.cells("Old").count(), 0);
    }
}
