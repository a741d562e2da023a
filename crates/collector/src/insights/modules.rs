//! Where modules are used: records of their tables, how they grow, and at how many installations.

use std::collections::BTreeMap;

use super::growth::{self, Index};
use super::limits::ACTIVE_MONTHS;
use super::words::{counted, grouped, installations};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, KeyOf, Programmes, Series, Table, Tones, View, coverage,
};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, ModuleUse};

/// The modules that the chart of use shows.
const MODULES_SHOWN: usize = 15;

/// How one installation uses a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Its records grew within [`ACTIVE_MONTHS`] months.
    Active,
    /// It has records, and their number did not grow; or it is too new to tell.
    OnlyRecords,
    /// It has none.
    Empty,
}

impl Use {
    /// How an installation uses a module, from its records now and when the window began.
    pub fn of(now: f64, before: Option<f64>) -> Self {
        match before {
            Some(before) if now > before => Self::Active,
            _ if now > 0.0 => Self::OnlyRecords,
            _ => Self::Empty,
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Active => "Actively used",
            Self::OnlyRecords => "Only has records",
            Self::Empty => "Empty",
        }
    }
}

/// What is counted of one module.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tally {
    active: usize,
    only_records: usize,
    empty: usize,
    records: f64,
}

impl Tally {
    fn known(&self) -> usize {
        self.active + self.only_records + self.empty
    }
}

/// Who uses which module.
pub(super) fn modules(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.counts();
    let uses = reader.module_uses(&view.slice, &metrics, None, ACTIVE_MONTHS)?;
    let months = reader.module_months(&view.slice, &metrics)?;
    Ok(modules_of(&uses, &growth::chained(&months), coverage::of(reader, view, &metrics)?, view))
}

fn tallies(uses: &[ModuleUse]) -> Vec<(KeyOf, Tally)> {
    let mut tallies: BTreeMap<&KeyOf, Tally> = BTreeMap::new();
    for one in uses {
        let tally = tallies.entry(&one.key).or_default();
        match Use::of(one.now, one.before) {
            Use::Active => tally.active += 1,
            Use::OnlyRecords => tally.only_records += 1,
            Use::Empty => tally.empty += 1,
        }
        tally.records += one.now;
    }
    let mut ordered: Vec<(KeyOf, Tally)> =
        tallies.into_iter().map(|(key, tally)| (key.clone(), tally)).collect();
    ordered.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.active, tally.only_records)));
    ordered
}

fn modules_of(
    uses: &[ModuleUse],
    grown: &BTreeMap<&KeyOf, Index>,
    coverage: Coverage,
    view: &View,
) -> Figure {
    let tallies = tallies(uses);
    let programmes = Programmes::of(&view.catalogue, tallies.iter().map(|(key, _)| &key.policy));
    let first = grown.values().filter_map(Index::first).min().unwrap_or(view.slice.from);
    let growth = format!("Growth since {first}#");
    let titles =
        ["Module", "Actively used#", "Only has records#", "Empty#", "Known at#", "Records now#", &growth];
    let mut table = Table::new(titles);
    for (key, tally) in &tallies {
        table.push(vec![
            Cell::Link { text: programmes.name(&key.policy, &key.key), to: Address::Module(key.clone()) },
            Cell::count(tally.active),
            Cell::count(tally.only_records),
            Cell::count(tally.empty),
            Cell::count(tally.known()),
            Cell::Number(tally.records),
            grown.get(key).and_then(Index::change).map_or(Cell::Missing, Cell::Change),
        ]);
    }
    Figure {
        title: "Where modules are used".to_owned(),
        answer: modules_answer(&tallies, &programmes),
        caption: format!(
            "Installations. Actively used: the table has more records than {ACTIVE_MONTHS} months before. Only has records: it \
             has some, and no more than then. Growth: chained month by \
             month over the installations that are known in both months, for as long as the module is known."
        ),
        chart: modules_chart(&tallies, &programmes),
        coverage: Some(coverage),
        table,
        empty: "Modules appear here once a policy with record counts is published and a snapshot has reported them: \
                `candor snapshot`."
            .to_owned(),
        ..Figure::default()
    }
}

fn modules_answer(tallies: &[(KeyOf, Tally)], programmes: &Programmes<'_>) -> String {
    let Some((most, tally)) = tallies.first() else {
        return "No installation has reported record counts in these months.".to_owned();
    };
    let unused = tallies.iter().filter(|(_, tally)| tally.active == 0).count();
    let quiet = match unused {
        0 => "every one is actively used somewhere".to_owned(),
        1 => "1 is actively used nowhere".to_owned(),
        many => format!("{} are actively used nowhere", grouped(many as i64)),
    };
    format!(
        "{} is used most: its records grew at {} of {} within {ACTIVE_MONTHS} months. Of {}, {quiet}.",
        programmes.name(&most.policy, &most.key),
        grouped(tally.active as i64),
        installations(tally.known()),
        counted(tallies.len(), "module", "modules"),
    )
}

fn modules_chart(tallies: &[(KeyOf, Tally)], programmes: &Programmes<'_>) -> Option<Chart> {
    let shown = &tallies[..tallies.len().min(MODULES_SHOWN)];
    let part = |of: Use, count: fn(&Tally) -> usize| Series {
        name: of.title().to_owned(),
        values: shown.iter().map(|(_, tally)| Some(count(tally) as f64)).collect(),
    };
    (!shown.is_empty()).then(|| Chart {
        form: Form::StackedBars,
        unit: "installations".to_owned(),
        labels: shown.iter().map(|(key, _)| programmes.name(&key.policy, &key.key)).collect(),
        series: vec![
            part(Use::Active, |tally| tally.active),
            part(Use::OnlyRecords, |tally| tally.only_records),
            part(Use::Empty, |tally| tally.empty),
        ],
        tones: Tones::States,
    })
}
