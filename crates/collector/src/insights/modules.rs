//! Where modules are used: records of their tables, how they grow, and at how many installations.

use std::collections::BTreeMap;

use super::growth::{self, Index};
use super::limits::ACTIVE_MONTHS;
use super::words::{counted, grouped, installations};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, KeyOf, Programmes, Series, Table, Tones, View, coverage,
};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, ModuleTally, Use};

/// The modules that the chart of use shows.
const MODULES_SHOWN: usize = 15;

impl Use {
    /// Its name for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Active => "Actively used",
            Self::OnlyRecords => "Only has records",
            Self::Empty => "Empty",
        }
    }
}

/// Who uses which module.
pub(super) fn modules(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.counts();
    let mut tallies = reader.module_tallies(&view.slice, &metrics, ACTIVE_MONTHS)?;
    tallies.sort_by_key(|tally| std::cmp::Reverse((tally.active, tally.only_records)));
    let months = reader.module_months(&view.slice, &metrics)?;
    Ok(modules_of(&tallies, &growth::chained(&months), coverage::of(reader, view, &metrics)?, view))
}

fn known_at(tally: &ModuleTally) -> usize {
    tally.active + tally.only_records + tally.empty
}

fn modules_of(
    tallies: &[ModuleTally],
    grown: &BTreeMap<&KeyOf, Index>,
    coverage: Coverage,
    view: &View,
) -> Figure {
    let programmes = Programmes::of(&view.catalogue, tallies.iter().map(|tally| &tally.key.policy));
    let first = grown.values().filter_map(Index::first).min().unwrap_or(view.slice.from);
    let growth = format!("Growth since {first}#");
    let titles =
        ["Module", "Actively used#", "Only has records#", "Empty#", "Known at#", "Records now#", &growth];
    let mut table = Table::new(titles);
    for tally in tallies {
        let key = &tally.key;
        table.push(vec![
            Cell::Link { text: programmes.name(&key.policy, &key.key), to: Address::Module(key.clone()) },
            Cell::count(tally.active),
            Cell::count(tally.only_records),
            Cell::count(tally.empty),
            Cell::count(known_at(tally)),
            Cell::Number(tally.records),
            grown.get(key).and_then(Index::change).map_or(Cell::Missing, Cell::Change),
        ]);
    }
    Figure {
        title: "Where modules are used".to_owned(),
        answer: modules_answer(tallies, &programmes),
        caption: format!(
            "Installations. Actively used: the table has more records than {ACTIVE_MONTHS} months before. Only has records: it \
             has some, and no more than then. Growth: chained month by \
             month over the installations that are known in both months, for as long as the module is known."
        ),
        chart: modules_chart(tallies, &programmes),
        coverage: Some(coverage),
        table,
        empty: "Modules appear here once a policy with record counts is published and a snapshot has reported them: \
                `candor snapshot`."
            .to_owned(),
        ..Figure::default()
    }
}

fn modules_answer(tallies: &[ModuleTally], programmes: &Programmes<'_>) -> String {
    let Some(most) = tallies.first() else {
        return "No installation has reported record counts in these months.".to_owned();
    };
    let unused = tallies.iter().filter(|tally| tally.active == 0).count();
    let quiet = match unused {
        0 => "every one is actively used somewhere".to_owned(),
        1 => "1 is actively used nowhere".to_owned(),
        many => format!("{} are actively used nowhere", grouped(many as i64)),
    };
    format!(
        "{} is used most: its records grew at {} of {} within {ACTIVE_MONTHS} months. Of {}, {quiet}.",
        programmes.name(&most.key.policy, &most.key.key),
        grouped(most.active as i64),
        installations(known_at(most)),
        counted(tallies.len(), "module", "modules"),
    )
}

fn modules_chart(tallies: &[ModuleTally], programmes: &Programmes<'_>) -> Option<Chart> {
    let shown = &tallies[..tallies.len().min(MODULES_SHOWN)];
    let part = |of: Use, count: fn(&ModuleTally) -> usize| Series {
        name: of.title().to_owned(),
        values: shown.iter().map(|tally| Some(count(tally) as f64)).collect(),
    };
    (!shown.is_empty()).then(|| Chart {
        form: Form::StackedBars,
        unit: "installations".to_owned(),
        labels: shown.iter().map(|tally| programmes.name(&tally.key.policy, &tally.key.key)).collect(),
        series: vec![
            part(Use::Active, |tally| tally.active),
            part(Use::OnlyRecords, |tally| tally.only_records),
            part(Use::Empty, |tally| tally.empty),
        ],
        tones: Tones::States,
    })
}
