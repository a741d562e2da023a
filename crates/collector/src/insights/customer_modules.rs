//! One customer's records by module: what is known now, and what silent installations said last.

use std::collections::BTreeMap;

use super::customers::{day, silence};
use super::words::{counted, plain};
use super::{Cell, Chart, Coverage, Figure, Form, KeyOf, Month, Series, Table, Tones, View, coverage};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, Presence};

/// The lines of the chart of a customer's records.
const MODULE_LINES: usize = 6;

/// A customer's records by module, month by month.
pub(super) fn module_counts(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.counts();
    let counts = reader.customer_counts(&view.slice, &metrics)?;
    let silent = Silent {
        counts: reader.silent_counts(&view.slice, &metrics)?,
        presence: reader.presence(&view.slice)?,
    };
    Ok(module_counts_of(&counts, &silent, coverage::of(reader, view, &metrics)?, view))
}

/// What a customer's silent installations said last.
struct Silent {
    counts: Vec<(KeyOf, f64)>,
    presence: Presence,
}

/// The records of one module at one customer.
#[derive(Default)]
struct ModuleRecords {
    months: BTreeMap<Month, f64>,
    /// Those of silent installations, as they said last.
    silent: Option<f64>,
}

impl ModuleRecords {
    fn at(&self, month: Month) -> Option<f64> {
        self.months.get(&month).copied()
    }

    /// What the module is listed by: what is known now, then what silent installations said last, then the newest month.
    fn size(&self, now: Month) -> (Option<f64>, Option<f64>, Option<f64>) {
        (self.at(now), self.silent, self.months.values().next_back().copied())
    }
}

fn module_counts_of(
    rows: &[(KeyOf, Month, f64)],
    silent: &Silent,
    coverage: Coverage,
    view: &View,
) -> Figure {
    let mut modules: BTreeMap<&KeyOf, ModuleRecords> = BTreeMap::new();
    for (key, month, records) in rows {
        modules.entry(key).or_default().months.insert(*month, *records);
    }
    for (key, records) in &silent.counts {
        modules.entry(key).or_default().silent = Some(*records);
    }
    let last = view.slice.through;
    let mut ordered: Vec<(&KeyOf, ModuleRecords)> = modules.into_iter().collect();
    ordered.sort_by(|one, other| {
        other.1.size(last).partial_cmp(&one.1.size(last)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let months: Vec<Month> = view.slice.from.through(last).collect();
    let line = |(key, records): &(&KeyOf, ModuleRecords)| Series {
        name: key.key.clone(),
        values: months.iter().map(|month| records.at(*month)).collect(),
    };
    Figure {
        title: "Records by module".to_owned(),
        answer: module_answer(&ordered, &silent.presence, last),
        caption: format!(
            "What was said last, at each month's end, over all installations. It holds where a later snapshot could not \
             measure a table, until the metric is withheld, or the installation has said nothing for {} days. What silent \
             installations said last has a column of its own.{}",
            view.slice.silence_days,
            if ordered.len() > MODULE_LINES {
                format!(" The chart shows the first {MODULE_LINES} of {} modules.", ordered.len())
            } else {
                String::new()
            }
        ),
        chart: ordered.iter().any(|(_, records)| !records.months.is_empty()).then(|| Chart {
            form: Form::Lines,
            unit: "records".to_owned(),
            labels: months.iter().map(Month::to_string).collect(),
            series: ordered.iter().take(MODULE_LINES).map(line).collect(),
            tones: Tones::Categories,
        }),
        coverage: Some(coverage),
        table: module_table(&ordered, &silent.presence, &months),
        empty: "Record counts appear here once a snapshot of this customer has reported them.".to_owned(),
        ..Figure::default()
    }
}

fn module_table(modules: &[(&KeyOf, ModuleRecords)], presence: &Presence, months: &[Month]) -> Table {
    let has_silent = presence.silent > 0;
    let titles: Vec<String> = std::iter::once("Module".to_owned())
        .chain(has_silent.then(|| "Silent, said last#".to_owned()))
        .chain(months.iter().rev().map(|month| format!("{month}#")))
        .collect();
    let number = |records: Option<f64>| records.map_or(Cell::Missing, Cell::Number);
    let mut table = Table::new(titles.iter().map(String::as_str));
    for (key, records) in modules {
        let values = months.iter().rev().map(|month| number(records.at(*month)));
        let silent = has_silent.then(|| number(records.silent));
        table.push(std::iter::once(Cell::text(&key.key)).chain(silent).chain(values).collect());
    }
    table
}

/// What is known now; where nothing is, what was known last, and since when not.
fn module_answer(modules: &[(&KeyOf, ModuleRecords)], presence: &Presence, last: Month) -> String {
    let silence = silence(presence);
    let known = modules.iter().filter(|(_, records)| records.at(last).is_some()).count();
    let answer = match modules.first() {
        None => Some("This customer has reported no record counts up to now.".to_owned()),
        Some((key, records)) => records.at(last).map(|number| {
            if known == 1 {
                return format!("{} is the only module known: {} records in {last}.", key.key, plain(number));
            }
            format!("{} is the largest of {known} modules: {} records in {last}.", key.key, plain(number))
        }),
    };
    let answer = answer.or_else(|| then(modules, presence));
    answer.into_iter().chain(silence).collect::<Vec<_>>().join(" ")
}

/// What was known last, where nothing is known now.
fn then(modules: &[(&KeyOf, ModuleRecords)], presence: &Presence) -> Option<String> {
    let (key, records) = modules.first()?;
    if let (Some(number), Some(last)) = (records.silent, presence.silent_last) {
        return Some(format!(
            "When it was last heard from, on {}, {} was the largest of {}: {} records.",
            day(last),
            key.key,
            counted(
                modules.iter().filter(|(_, records)| records.silent.is_some()).count(),
                "module",
                "modules"
            ),
            plain(number),
        ));
    }
    let (month, number) = records.months.last_key_value()?;
    Some(format!("No module is known any more. {} had {} records in {month}.", key.key, plain(*number)))
}
