//! What installations run on: operating systems, databases, editions, languages, month by month.

use candor_policy::Origin;

use super::limits::SILENCE_DAYS;
use super::series::ByMonth;
use super::words::percent;
use super::{Coverage, Figure, Tones, View, coverage, database_names, lead, versions};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, ScalarMonth};

/// Operating systems.
pub(super) fn operating_systems(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.from(&Origin::OsVersion);
    let rows = reader.scalar_months(&view.slice, &metrics, &[])?;
    let covered = coverage::of(reader, view, &metrics)?;
    Ok(figure("Operating systems", "operating system", &counted(&rows, plainly), covered, view))
}

/// Databases by product and leading version number.
pub(super) fn databases(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let versions = view.catalogue.from(&Origin::DatabaseVersion);
    let rows =
        reader.scalar_months(&view.slice, &versions, &view.catalogue.from(&Origin::DatabaseProduct))?;
    let covered = coverage::of(reader, view, &versions)?;
    let name = |row: &ScalarMonth| versions::line(&database_names::named(&row.text, row.beside.as_deref()));
    Ok(figure("Databases", "database", &counted(&rows, name), covered, view))
}

/// Editions of databases.
pub(super) fn editions(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.from(&Origin::DatabaseEdition);
    let rows = reader.scalar_months(&view.slice, &metrics, &[])?;
    let covered = coverage::of(reader, view, &metrics)?;
    Ok(figure("Database editions", "edition", &counted(&rows, plainly), covered, view))
}

/// Languages of operating systems.
pub(super) fn languages(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.from(&Origin::OsLocale);
    let rows = reader.scalar_months(&view.slice, &metrics, &[])?;
    let covered = coverage::of(reader, view, &metrics)?;
    Ok(figure("Languages", "language", &counted(&rows, plainly), covered, view))
}

/// Installations by month, under the names that they are counted by.
fn counted(rows: &[ScalarMonth], name: impl Fn(&ScalarMonth) -> String) -> ByMonth {
    let mut counts = ByMonth::default();
    rows.iter().for_each(|row| counts.add(&name(row), row.month, row.installations));
    counts
}

fn plainly(row: &ScalarMonth) -> String {
    row.text.clone()
}

fn figure(title: &str, noun: &str, counts: &ByMonth, coverage: Coverage, view: &View) -> Figure {
    let mut names = counts.by_size(view.slice.through);
    let table = counts.table(&view.slice, &names, title.trim_end_matches('s'));
    names.sort_by(|one, other| versions::for_lists(one, other));
    Figure {
        title: title.to_owned(),
        answer: answer(noun, counts, view),
        caption: format!(
            "What each installation said last, at each month's end. It holds until the installation says otherwise, or has \
             said nothing at all for {SILENCE_DAYS} days."
        ),
        chart: (!counts.is_empty()).then(|| counts.stacked(&view.slice, &names, Tones::Categories)),
        coverage: Some(coverage),
        table,
        empty: format!(
            "Each {noun} appears here once a policy with such a metric is published and an installation has reported \
             it."
        ),
        ..Figure::default()
    }
}

fn answer(noun: &str, counts: &ByMonth, view: &View) -> String {
    let (first, last) = (view.slice.from, view.slice.through);
    let before = |most: &str| match counts.total(first) {
        before if before == 0 || first == last => String::new(),
        before => format!("; in {first} it was {}", percent(counts.at(most, first), before)),
    };
    lead::most_common(noun, counts, last, before)
        .unwrap_or_else(|| format!("No installation that is heard from says its {noun}."))
}
