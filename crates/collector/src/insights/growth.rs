//! How records of modules grow: an index that is chained month by month.
//!
//! Each month is compared with the one before, over the installations that are known in both, and the ratios are multiplied.
//! So an installation that comes or goes moves nothing, and every one counts for as long as it is known. (A chained index,
//! as of prices: ILO, Consumer Price Index Manual, 2020, chapter 8.)

use std::collections::BTreeMap;

use super::words::{change, installations, listed};
use super::{
    Cell, Chart, Coverage, Figure, Form, KeyOf, Month, Programmes, Series, Table, Tones, View, coverage,
};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, ModuleMonth};

/// The lines of the chart.
const LINES: usize = 6;

/// A module's index: 100 in its first month.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    months: BTreeMap<Month, f64>,
    installations: usize,
}

impl Index {
    /// The last month in which the module is known.
    fn last(&self) -> Option<Month> {
        self.months.keys().next_back().copied()
    }

    fn at(&self, month: Month) -> Option<f64> {
        self.months.get(&month).copied()
    }

    /// The first month in which the module is known.
    pub fn first(&self) -> Option<Month> {
        self.months.keys().next().copied()
    }

    /// The change from the first month to the last; none over a single month.
    pub fn change(&self) -> Option<f64> {
        let last = self.months.values().last().filter(|_| self.months.len() > 1)?;
        Some(last / 100.0 - 1.0)
    }
}

/// Chains each module's months. Rows come in order.
pub(super) fn chained(rows: &[ModuleMonth]) -> BTreeMap<&KeyOf, Index> {
    let mut found: BTreeMap<&KeyOf, Index> = BTreeMap::new();
    for row in rows {
        let index = found.entry(&row.key).or_default();
        let before = index.months.values().last().copied().unwrap_or(100.0);
        // From nothing there is no ratio: the first records of a table are its start, not its growth.
        let ratio = if row.before > 0.0 { row.records / row.before } else { 1.0 };
        index.months.insert(row.month, before * ratio);
        index.installations = row.installations;
    }
    found
}

/// How records of modules grow over the period.
pub(super) fn growth(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.counts();
    let months = reader.module_months(&view.slice, &metrics)?;
    Ok(growth_of(&months, coverage::of(reader, view, &metrics)?, view))
}

/// A module's name and its index.
struct Grown {
    name: String,
    index: Index,
    change: f64,
}

fn growth_of(rows: &[ModuleMonth], coverage: Coverage, view: &View) -> Figure {
    let programmes = Programmes::of(&view.catalogue, rows.iter().map(|row| &row.key.policy));
    let mut grown: Vec<Grown> = chained(rows)
        .into_iter()
        .filter_map(|(key, index)| {
            let change = index.change()?;
            Some(Grown { name: programmes.name(&key.policy, &key.key), index, change })
        })
        .collect();
    grown.sort_by(|one, other| other.change.total_cmp(&one.change));
    Figure {
        title: "How records grow".to_owned(),
        answer: answer(&grown, view.slice.through),
        caption: "First month = 100. Each month is compared with the one before, over the installations that are known in \
                  both, so that who comes or goes does not look like growth. The chart shows the modules that grew most."
            .to_owned(),
        chart: chart(&grown, view),
        coverage: Some(coverage),
        table: table(&grown, view),
        empty: "Growth appears here once installations have reported record counts for two months.".to_owned(),
        ..Figure::default()
    }
}

fn answer(grown: &[Grown], through: Month) -> String {
    let known: Vec<&Grown> = grown.iter().filter(|one| one.index.last() == Some(through)).collect();
    let Some(most) = known.first() else {
        return match grown.iter().filter_map(|one| one.index.last()).max() {
            None => "No module is known for two months yet.".to_owned(),
            Some(last) => format!("No module is known in {through}; the last that was known is of {last}."),
        };
    };
    let shrunk: Vec<String> =
        known.iter().rev().filter(|one| one.change < 0.0).map(|one| one.name.clone()).collect();
    let rest = match shrunk.len() {
        0 => "No module shrank.".to_owned(),
        more @ 4.. => format!("{more} modules shrank, {} most.", shrunk[0]),
        _ => format!("{} shrank.", listed(&shrunk)),
    };
    if most.change <= 0.0 {
        return format!("No module grew. {rest}");
    }
    format!(
        "{} grew most: {}, now at {}. {rest}",
        most.name,
        change(most.change),
        installations(most.index.installations)
    )
}

fn chart(grown: &[Grown], view: &View) -> Option<Chart> {
    let months: Vec<Month> = view.slice.from.through(view.slice.through).collect();
    let rounded = |index: f64| (index * 10.0).round() / 10.0;
    (!grown.is_empty()).then(|| Chart {
        form: Form::Lines,
        unit: "records, first month = 100".to_owned(),
        labels: months.iter().map(Month::to_string).collect(),
        series: grown
            .iter()
            .take(LINES)
            .map(|one| Series {
                name: one.name.clone(),
                values: months.iter().map(|month| one.index.at(*month).map(rounded)).collect(),
            })
            .collect(),
        tones: Tones::Categories,
    })
}

fn table(grown: &[Grown], view: &View) -> Table {
    let months: Vec<Month> = view.slice.from.through(view.slice.through).rev().collect();
    let titles: Vec<String> = ["Module".to_owned(), "Change#".to_owned(), "Installations#".to_owned()]
        .into_iter()
        .chain(months.iter().map(|month| format!("{month}#")))
        .collect();
    let mut table = Table::new(titles.iter().map(String::as_str));
    for one in grown {
        let values = months.iter().map(|month| one.index.at(*month).map_or(Cell::Missing, Cell::Index));
        let now = one.index.last().filter(|last| *last == view.slice.through);
        let installations = now.map_or(Cell::Missing, |_| Cell::count(one.index.installations));
        let lead = [Cell::text(&one.name), Cell::Change(one.change), installations];
        table.push(lead.into_iter().chain(values).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_or_goes_is_no_growth() {
        let key = KeyOf { policy: "p".into(), metric: "m".into(), key: "ORDERS".into() };
        let month = |number: i32, records: f64, before: f64, installations: usize| ModuleMonth {
            key: key.clone(),
            month: Month::from_number(24_000 + number),
            records,
            before,
            installations,
        };
        // 100 records at one; a second with 900 comes; then the first grows by a tenth of the whole; then it goes.
        let rows = [
            month(0, 0.0, 0.0, 1),
            month(1, 100.0, 100.0, 2),
            month(2, 1100.0, 1000.0, 2),
            month(3, 900.0, 900.0, 1),
        ];
        let index = chained(&rows).into_values().next().unwrap();
        let change = index.change().unwrap();
        assert!((change - 0.1).abs() < 1e-9, "{change}");
    }
}
