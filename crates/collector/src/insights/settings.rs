//! How options are set: for every key, which values it has and at how many installations.

use std::collections::BTreeMap;

use super::words::{counted, grouped, installations, plain};
use super::{Address, Cell, Coverage, Figure, KeyOf, MetricOf, Part, PartKind, Table, View, coverage};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, Search, SettingValue, SpokenState};

/// The values of a setting that a row of the list names.
const VALUES_NAMED: usize = 4;

/// All settings.
pub(super) fn settings(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.settings();
    let search = Search { contains: view.question.search.clone(), key: None };
    let values = reader.setting_values(&view.slice, &metrics, &search)?;
    let spoken = reader.spoken_states(&view.slice, &metrics)?;
    Ok(settings_of(&values, &spoken, coverage::of(reader, view, &metrics)?, view))
}

/// How one setting is set. The states are distinct: empty text is a value somebody gave, unset is none, and "in use" is one
/// that did not leave the site.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Distribution {
    /// Values as people read them, the most common first.
    pub values: Vec<(String, usize)>,
    /// A value that stayed at the site.
    pub in_use: usize,
    /// No value.
    pub unset: usize,
    /// Empty text.
    pub empty: usize,
    /// How many of the values are hashes or ranges: those of two sites may differ where they read the same, or be the same
    /// where they do not.
    pub veiled: usize,
}

impl Distribution {
    /// At how many installations it is known.
    pub fn known(&self) -> usize {
        self.values.iter().map(|(_, count)| count).sum::<usize>() + self.in_use + self.unset + self.empty
    }

    /// Whether it is set the same at all installations; nothing where that cannot be told, as at a single one.
    fn is_uniform(&self) -> Option<bool> {
        let is_comparable = self.known() > 1 && self.in_use == 0 && self.veiled == 0;
        is_comparable.then(|| self.parts(usize::MAX).len() == 1)
    }

    /// Its parts, the values first, the distinct states behind them; too many values are "other values".
    pub fn parts(&self, named: usize) -> Vec<Part> {
        let mut parts: Vec<Part> = self
            .values
            .iter()
            .take(named)
            .map(|(value, count)| Part { kind: PartKind::Value, name: value.clone(), count: *count })
            .collect();
        let rest: usize = self.values.iter().skip(named).map(|(_, count)| count).sum();
        let others = self.values.len().saturating_sub(named);
        if others > 0 {
            let name = counted(others, "other value", "other values");
            parts.push(Part { kind: PartKind::Other, name, count: rest });
        }
        let states = [
            (PartKind::InUse, "(in use)", self.in_use),
            (PartKind::Empty, "(empty)", self.empty),
            (PartKind::Unset, "(unset)", self.unset),
        ];
        parts.extend(states.into_iter().filter(|(_, _, count)| *count > 0).map(|(kind, name, count)| Part {
            kind,
            name: name.to_owned(),
            count,
        }));
        parts
    }
}

/// Rows of values, gathered by setting.
pub(super) fn distributions(values: &[SettingValue]) -> BTreeMap<&KeyOf, Distribution> {
    let mut found: BTreeMap<&KeyOf, Distribution> = BTreeMap::new();
    for row in values {
        let distribution = found.entry(&row.key).or_default();
        match row.state.as_str() {
            "unset" => distribution.unset += row.installations,
            "in-use" => distribution.in_use += row.installations,
            _ => match shown(row) {
                text if text.is_empty() => distribution.empty += row.installations,
                text => {
                    if matches!(row.state.as_str(), "hash" | "bucket") {
                        distribution.veiled += row.installations;
                    }
                    distribution.values.push((text, row.installations));
                }
            },
        }
    }
    for distribution in found.values_mut() {
        distribution.values.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    }
    found
}

fn shown(row: &SettingValue) -> String {
    let value = match (&row.text, row.number) {
        (Some(text), _) => text.clone(),
        (None, Some(number)) => plain(number),
        (None, None) => String::new(),
    };
    if row.state == "hash" { format!("hash {}…", value.chars().take(8).collect::<String>()) } else { value }
}

fn settings_of(values: &[SettingValue], spoken: &[SpokenState], coverage: Coverage, view: &View) -> Figure {
    let distributions = distributions(values);
    let mut table = Table::new([
        "Setting",
        "Known at#",
        "Values#",
        "How it is set",
        "In use#",
        "Empty#",
        "Unset#",
        "Withheld#",
        "Not measured#",
    ]);
    for (key, distribution) in &distributions {
        let apart = spoken.iter().find(|state| state.metric == key.metric_of());
        table.push(vec![
            Cell::Link { text: key.key.clone(), to: Address::Setting((*key).clone()) },
            Cell::count(distribution.known()),
            Cell::count(distribution.values.len()),
            Cell::Parts(distribution.parts(VALUES_NAMED)),
            Cell::count(distribution.in_use),
            Cell::count(distribution.empty),
            Cell::count(distribution.unset),
            apart.map_or(Cell::Missing, |state| Cell::count(state.withheld)),
            apart.map_or(Cell::Missing, |state| Cell::count(state.not_measured)),
        ]);
    }
    Figure {
        title: "Settings".to_owned(),
        answer: answer(&distributions, coverage, view),
        caption: "Installations. In use: there is a value, and it did not leave the site. Empty: the value is empty text. \
                  Unset: there is none. Withheld and not measured are of the whole metric. A setting can be compared where it \
                  is known at two installations or more, each with its value."
            .to_owned(),
        coverage: Some(coverage),
        table,
        empty: match &view.question.search {
            Some(search) => format!("No setting's name contains \u{201c}{search}\u{201d}. Search for less of it."),
            None => "Settings appear here once a policy with a metric of type `setting` is published and a snapshot \
                     has reported it: `candor snapshot`."
                .to_owned(),
        },
        ..Figure::default()
    }
}

fn answer(distributions: &BTreeMap<&KeyOf, Distribution>, coverage: Coverage, view: &View) -> String {
    if distributions.is_empty() {
        return match &view.question.search {
            Some(search) => format!("No setting's name contains \u{201c}{search}\u{201d}."),
            None => "No installation that is heard from has reported a setting.".to_owned(),
        };
    }
    let comparable: Vec<bool> = distributions.values().filter_map(Distribution::is_uniform).collect();
    let uniform = comparable.iter().filter(|is_uniform| **is_uniform).count();
    let found = match &view.question.search {
        Some(search) => {
            format!("{} whose name contains \u{201c}{search}\u{201d}", settings_counted(distributions.len()))
        }
        None => settings_counted(distributions.len()),
    };
    let found = format!("{found}, from {}", installations(coverage.known));
    let are = if uniform == 1 { "1 is".to_owned() } else { format!("{} are", grouped(uniform as i64)) };
    match comparable.len() {
        0 if distributions.values().all(|one| one.known() == 1) => {
            format!("{found}; each is known at one installation alone, so none can be compared.")
        }
        0 => format!("{found}; none can be compared between installations."),
        all if all == distributions.len() => format!("{found}; {are} set the same everywhere."),
        some => format!(
            "{found}; of {} that can be compared, {are} set the same everywhere.",
            grouped(some as i64)
        ),
    }
}

fn settings_counted(number: usize) -> String {
    counted(number, "setting", "settings")
}

/// The coverage of one setting: what is known of the key, and what of its metric.
pub(super) fn coverage_of_key(
    known: usize,
    of: &MetricOf,
    spoken: &[SpokenState],
    (reporting, silent): (usize, usize),
) -> Coverage {
    let state = spoken.iter().find(|state| state.metric == *of);
    Coverage {
        known,
        reporting,
        withheld: state.map_or(0, |state| state.withheld),
        not_measured: state.map_or(0, |state| state.not_measured),
        silent,
        ..Coverage::default()
    }
}
