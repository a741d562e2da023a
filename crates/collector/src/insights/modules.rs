//! Where modules are used: records of their tables, how they grow, and at how many installations.

use std::collections::BTreeMap;

use super::growth::{self, Index};
use super::limits::ACTIVE_MONTHS;
use super::words::{counted, grouped, installations};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, KeyOf, Programmes, Series, Table, Tones, View, coverage,
    lead,
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
            Self::TooNew => "Too new to tell",
            Self::Empty => "Empty",
            Self::Silent => "Silent",
        }
    }
}

/// Who uses which module.
pub(super) fn modules(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.counts();
    let mut tallies = reader.module_tallies(&view.slice, &metrics, ACTIVE_MONTHS)?;
    tallies.sort_by_key(|tally| std::cmp::Reverse((tally.active, tally.only_records, known_at(tally))));
    let months = reader.module_months(&view.slice, &metrics)?;
    Ok(modules_of(&tallies, &growth::chained(&months), coverage::of(reader, view, &metrics)?, view))
}

fn known_at(tally: &ModuleTally) -> usize {
    tally.active + tally.only_records + tally.empty + tally.too_new
}

fn modules_of(
    tallies: &[ModuleTally],
    grown: &BTreeMap<&KeyOf, Index>,
    coverage: Coverage,
    view: &View,
) -> Figure {
    let programmes = Programmes::of(&view.catalogue, tallies.iter().map(|tally| &tally.key.policy));
    let mut table = Table::new([
        "Module",
        "Actively used#",
        "Only has records#",
        "Empty#",
        "Too new to tell#",
        "Known at#",
        "Silent#",
        "Records now#",
        "Growth#",
        "Growth since",
    ]);
    for tally in tallies {
        let key = &tally.key;
        let index = grown.get(key).filter(|index| index.change().is_some());
        let is_known = known_at(tally) > 0;
        table.push(vec![
            Cell::Link { text: programmes.name(&key.policy, &key.key), to: Address::Module(key.clone()) },
            Cell::count(tally.active),
            Cell::count(tally.only_records),
            Cell::count(tally.empty),
            Cell::count(tally.too_new),
            Cell::count(known_at(tally)),
            Cell::count(tally.silent),
            if is_known { Cell::Number(tally.records) } else { Cell::Missing },
            index.and_then(Index::change).map_or(Cell::Missing, Cell::Change),
            index.and_then(Index::first).map_or(Cell::Missing, |first| Cell::Month(first.first_day())),
        ]);
    }
    Figure {
        title: "Where modules are used".to_owned(),
        answer: modules_answer(tallies, &programmes),
        caption: caption(tallies.len()),
        chart: modules_chart(tallies, &programmes),
        coverage: Some(coverage),
        table,
        empty: "Modules appear here once a policy with record counts is published and a snapshot has reported them: \
                `candor snapshot`."
            .to_owned(),
        ..Figure::default()
    }
}

fn caption(modules: usize) -> String {
    let shown = if modules > MODULES_SHOWN {
        format!(" The chart shows the first {MODULES_SHOWN} of {modules} modules.")
    } else {
        String::new()
    };
    format!(
        "Installations. Actively used: the table has more records than {ACTIVE_MONTHS} months before. Only has records: it has \
         some, and no more than then. Too new to tell: it has some, and how many it had then is not known, because the \
         installation is newer, was silent, or did not count them. Silent: it had the table when it was last heard from. \
         Growth: chained month by month over the installations that are known in both months, for as long as the module is \
         known.{shown}"
    )
}

fn modules_answer(tallies: &[ModuleTally], programmes: &Programmes<'_>) -> String {
    let known: Vec<&ModuleTally> = tallies.iter().filter(|tally| known_at(tally) > 0).collect();
    let Some(most) = known.first() else {
        return match tallies.len() {
            0 => "No installation that is heard from has reported record counts.".to_owned(),
            only => format!("Only silent installations have reported {}.", modules_counted(only)),
        };
    };
    let leaders: Vec<String> = known
        .iter()
        .filter(|tally| tally.active == most.active)
        .map(|tally| programmes.name(&tally.key.policy, &tally.key.key))
        .collect();
    let all = format!("Of {}, {}", modules_counted(known.len()), unused(&known));
    match leaders.as_slice() {
        _ if most.active == 0 => format!("No module is known to be actively used. {all}."),
        [only] => format!(
            "{only} is used most: its records grew at {} of {} within {ACTIVE_MONTHS} months. {all}.",
            grouped(most.active as i64),
            installations(known_at(most)),
        ),
        several => format!(
            "{} are used most: the records of each grew at {} within {ACTIVE_MONTHS} months. {all}.",
            lead::named(several, "module"),
            installations(most.active),
        ),
    }
}

/// How many of the modules are actively used nowhere, and of how many it is too early to say.
fn unused(known: &[&ModuleTally]) -> String {
    let of = |is_new: bool| {
        let unused = known.iter().filter(|tally| tally.active == 0);
        unused.filter(|tally| (tally.too_new > 0) == is_new).count()
    };
    let told = match of(false) {
        0 => None,
        1 => Some("1 is actively used nowhere".to_owned()),
        many => Some(format!("{} are actively used nowhere", grouped(many as i64))),
    };
    let untold = Some(of(true)).filter(|count| *count > 0);
    match (told, untold) {
        (None, None) => "every one is actively used somewhere".to_owned(),
        (Some(told), None) => told,
        (None, Some(new)) => format!("{} too new to tell", are(new)),
        (Some(told), Some(new)) => format!("{told}, and {} too new to tell", are(new)),
    }
}

fn are(number: usize) -> String {
    if number == 1 { "1 is".to_owned() } else { format!("{} are", grouped(number as i64)) }
}

fn modules_counted(number: usize) -> String {
    counted(number, "module", "modules")
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
            part(Use::TooNew, |tally| tally.too_new),
        ],
        tones: Tones::States,
    })
}
