//! What tests of insights share: the view of a fixture's policy at one moment, and a figure's rows as text.

use std::sync::Arc;

use candor_policy::Policy;

use super::{Catalogue, Cell, Figure, Filter, Question, View};
pub use crate::store::insights::fixture::Fixture;

/// The policy of all reports.
const MANIFEST: &str = include_str!("fixture.toml");

/// A view with these parameters in its address, at noon of 2026-05-15.
pub fn view(parameters: &[(&str, &str)]) -> View {
    let parameter = |name: &str| parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let policy = Policy::read(MANIFEST).unwrap_or_else(|faults| panic!("{faults}"));
    let catalogue = Arc::new(Catalogue::new(vec![Arc::new(policy)]));
    let (filter, question) = (Filter::read(parameter), Question::read(parameter));
    View::new(filter, question, catalogue, "2026-05-15T12:00:00Z".parse().unwrap())
}

/// A figure's rows as machines read them, cells joined by `|`; only the first columns where there are many months.
pub fn rows(figure: &Figure, columns: usize) -> Vec<String> {
    let exact = |row: &Vec<Cell>| row.iter().take(columns).map(Cell::exact).collect::<Vec<_>>().join("|");
    figure.table.rows.iter().map(exact).collect()
}
