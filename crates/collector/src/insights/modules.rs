//! Where modules are used: records of their tables, how they grow, and at how many installations.

use std::collections::BTreeMap;

use duckdb::Connection;

use super::limits::ACTIVE_MONTHS;
use super::words::{counted, grouped, installations, listed};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, KeyOf, Month, Programmes, Series, Table, Tones, View,
    coverage,
};
use crate::store::insights::{self, ModuleMonth, ModuleUse};

/// The modules that the chart of use shows.
const MODULES_SHOWN: usize = 15;
/// The lines of the chart of growth.
const GROWTH_LINES: usize = 6;

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
    at_both_first: f64,
    at_both_now: f64,
}

impl Tally {
    fn known(&self) -> usize {
        self.active + self.only_records + self.empty
    }

    fn growth(&self) -> Cell {
        if self.at_both_first > 0.0 {
            Cell::Change(self.at_both_now / self.at_both_first - 1.0)
        } else {
            Cell::Missing
        }
    }
}

/// Who uses which module.
pub fn modules(connection: &Connection, view: &View) -> duckdb::Result<Figure> {
    let metrics = view.catalogue.counts();
    let uses = insights::module_uses(connection, &view.slice, &metrics, None, ACTIVE_MONTHS)?;
    Ok(modules_of(&uses, coverage::of(connection, view, &metrics)?, view))
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
        if let Some(first) = one.at_first {
            tally.at_both_first += first;
            tally.at_both_now += one.now;
        }
    }
    let mut ordered: Vec<(KeyOf, Tally)> =
        tallies.into_iter().map(|(key, tally)| (key.clone(), tally)).collect();
    ordered.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.active, tally.only_records)));
    ordered
}

fn modules_of(uses: &[ModuleUse], coverage: Coverage, view: &View) -> Figure {
    let tallies = tallies(uses);
    let programmes = Programmes::of(&view.catalogue, tallies.iter().map(|(key, _)| &key.policy));
    let growth = format!("Growth since {}#", view.slice.from);
    let titles =
        ["Module", "Actively used#", "Only records#", "Empty#", "Known at#", "Records now#", &growth];
    let mut table = Table::new(titles);
    for (key, tally) in &tallies {
        table.push(vec![
            Cell::Link { text: programmes.name(&key.policy, &key.key), to: Address::Module(key.clone()) },
            Cell::count(tally.active),
            Cell::count(tally.only_records),
            Cell::count(tally.empty),
            Cell::count(tally.known()),
            Cell::Number(tally.records),
            tally.growth(),
        ]);
    }
    Figure {
        name: "modules",
        title: "Where modules are used".to_owned(),
        answer: modules_answer(&tallies, &programmes),
        caption: format!(
            "Installations. Actively used: the table has more records than {ACTIVE_MONTHS} months before. Only records: it \
             has some, and no more than then. Growth: over installations that are known at both ends."
        ),
        chart: modules_chart(&tallies, &programmes),
        coverage: Some(coverage),
        table,
        empty: "Modules appear here once a policy with record counts is published and a snapshot has reported them: \
                `candor snapshot`."
            .to_owned(),
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

/// How records of modules grow over the period.
pub fn growth(connection: &Connection, view: &View) -> duckdb::Result<Figure> {
    let metrics = view.catalogue.counts();
    let months = insights::module_months(connection, &view.slice, &metrics)?;
    Ok(growth_of(&months, coverage::of(connection, view, &metrics)?, view))
}

fn growth_of(rows: &[ModuleMonth], coverage: Coverage, view: &View) -> Figure {
    let programmes = Programmes::of(&view.catalogue, rows.iter().map(|row| &row.key.policy));
    let mut modules: BTreeMap<&KeyOf, BTreeMap<Month, f64>> = BTreeMap::new();
    let mut at: BTreeMap<&KeyOf, usize> = BTreeMap::new();
    for row in rows {
        modules.entry(&row.key).or_default().insert(row.month, row.records);
        let most = at.entry(&row.key).or_default();
        *most = (*most).max(row.installations);
    }
    let first = view.slice.from;
    // A table without records at the start has no growth that a percentage could say.
    let mut grown: Vec<Grown> = modules
        .into_iter()
        .filter_map(|(key, months)| {
            let base = months.get(&first).copied().filter(|base| *base > 0.0)?;
            let installations = at.get(key).copied().unwrap_or_default();
            Some(Grown { name: programmes.name(&key.policy, &key.key), base, months, installations })
        })
        .collect();
    grown.sort_by_key(|one| std::cmp::Reverse(one.installations));
    Figure {
        name: "module-growth",
        title: "How records grow".to_owned(),
        answer: growth_answer(&grown, view),
        caption: format!(
            "Records relative to {first} = 100, over installations that are known at both ends, so that who comes or \
             goes does not look like growth. The chart shows the modules that most installations have."
        ),
        chart: growth_chart(&grown, view),
        coverage: Some(coverage),
        table: growth_table(&grown, view),
        empty:
            "Growth appears here once the same installations have reported record counts at both ends of the \
                period. Choose a later first month to see a shorter one."
                .to_owned(),
    }
}

struct Grown {
    name: String,
    base: f64,
    months: BTreeMap<Month, f64>,
    installations: usize,
}

impl Grown {
    fn at(&self, month: Month) -> Option<f64> {
        self.months.get(&month).map(|records| records / self.base * 100.0)
    }

    fn change(&self, view: &View) -> f64 {
        self.at(view.slice.through).unwrap_or(100.0) / 100.0 - 1.0
    }
}

fn growth_answer(grown: &[Grown], view: &View) -> String {
    let mut ordered: Vec<&Grown> = grown.iter().collect();
    ordered.sort_by(|one, other| other.change(view).total_cmp(&one.change(view)));
    let Some(most) = ordered.first() else {
        return "No installation is known at both ends of these months.".to_owned();
    };
    let shrunk: Vec<String> =
        ordered.iter().filter(|one| one.change(view) < 0.0).map(|one| one.name.clone()).take(3).collect();
    let rest = if shrunk.is_empty() { String::new() } else { format!(" {} shrank.", listed(&shrunk)) };
    format!(
        "{} grew most since {}: {} over {}.{rest}",
        most.name,
        view.slice.from,
        super::words::change(most.change(view)),
        installations(most.installations),
    )
}

fn growth_chart(grown: &[Grown], view: &View) -> Option<Chart> {
    let months: Vec<Month> = view.slice.from.through(view.slice.through).collect();
    (!grown.is_empty()).then(|| Chart {
        form: Form::Lines,
        unit: format!("records, {} = 100", view.slice.from),
        labels: months.iter().map(Month::to_string).collect(),
        series: grown
            .iter()
            .take(GROWTH_LINES)
            .map(|one| Series {
                name: one.name.clone(),
                values: months
                    .iter()
                    .map(|month| one.at(*month).map(|index| (index * 10.0).round() / 10.0))
                    .collect(),
            })
            .collect(),
        tones: Tones::Categories,
    })
}

fn growth_table(grown: &[Grown], view: &View) -> Table {
    let months: Vec<Month> = view.slice.from.through(view.slice.through).rev().collect();
    let titles: Vec<String> = ["Module".to_owned(), "Installations#".to_owned(), "Change#".to_owned()]
        .into_iter()
        .chain(months.iter().map(|month| format!("{month}#")))
        .collect();
    let mut table = Table::new(titles.iter().map(String::as_str));
    for one in grown {
        let values = months
            .iter()
            .map(|month| one.months.get(month).map_or(Cell::Missing, |records| Cell::Number(*records)));
        let lead = [Cell::text(&one.name), Cell::count(one.installations), Cell::Change(one.change(view))];
        table.push(lead.into_iter().chain(values).collect());
    }
    table
}
