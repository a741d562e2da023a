//! "If we required at least X, these customers would be affected."

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use candor_policy::Origin;

use super::words::{customers, installations, shortened};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, MetricOf, Programmes, Requirement, Series, Subject, Table,
    Tones, View, coverage, database_names, versions,
};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, ScalarNow, Slice, VersionNow};

/// What one installation runs now.
struct Running {
    name: String,
    customer: String,
    customer_name: Option<String>,
    runs: Version,
}

/// A version that can be run.
struct Version {
    policy: String,
    version: String,
    shown: String,
}

/// What could be required of one subject.
#[derive(Clone, Debug)]
pub struct Requirable {
    /// Of what.
    pub subject: Subject,
    /// Each version that somebody runs, oldest first, as people read it.
    pub minima: Vec<(Requirement, String)>,
}

/// Every requirement that could be asked about: each version that some installation runs, by subject, oldest first.
pub fn requirements(reader: &ColumnsReader, view: &View) -> Result<Vec<Requirable>, StoreError> {
    let mut found = Vec::new();
    for subject in Subject::ALL {
        let mut versions = versions_run(reader, view, subject)?;
        versions.sort_by(|one, other| in_order(view, subject, one, other));
        versions.dedup_by(|one, other| one.version == other.version);
        let minima = versions
            .into_iter()
            .map(|one| (Requirement { subject, minimum: one.version }, one.shown))
            .collect::<Vec<_>>();
        if !minima.is_empty() {
            found.push(Requirable { subject, minima });
        }
    }
    Ok(found)
}

/// Who would be affected.
pub(super) fn what_if(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let Some(require) = &view.question.require else { return Ok(unasked()) };
    let running = running(reader, view, require.subject)?;
    let covered = covered(reader, view, require.subject)?;
    Ok(what_if_of(require, &running, covered, view))
}

fn unasked() -> Figure {
    Figure {
        title: "What if we required more?".to_owned(),
        answer: "Choose a minimum to see who would be affected.".to_owned(),
        table: Table::new(["Customer", "Installation", "Runs now"]),
        empty: "The customers who run something older appear here.".to_owned(),
        ..Figure::default()
    }
}

/// The metrics that say which platform is run, and those beside them; none for the product, which every report names.
fn metrics_of(view: &View, subject: Subject) -> Option<(Vec<MetricOf>, Vec<MetricOf>)> {
    let from = |origin| view.catalogue.from(&origin);
    match subject {
        Subject::OperatingSystem => Some((from(Origin::OsVersion), Vec::new())),
        Subject::Database => Some((from(Origin::DatabaseVersion), from(Origin::DatabaseProduct))),
        Subject::Product => None,
    }
}

fn running(reader: &ColumnsReader, view: &View, subject: Subject) -> Result<Vec<Running>, StoreError> {
    if let Some((metrics, beside)) = metrics_of(view, subject) {
        let rows = reader.scalars_now(&view.slice, &metrics, &beside)?;
        return Ok(rows.into_iter().map(running_platform).collect());
    }
    let rows = reader.versions_now(&view.slice)?;
    let programmes = Programmes::of(&view.catalogue, rows.iter().map(|row| &row.policy));
    Ok(rows.iter().map(|row| running_product(row, &programmes)).collect())
}

fn running_platform(row: ScalarNow) -> Running {
    let runs = platform(row.policy, &row.text, row.beside.as_deref());
    Running { name: row.name, customer: row.customer, customer_name: row.customer_name, runs }
}

fn running_product(row: &VersionNow, programmes: &Programmes<'_>) -> Running {
    Running {
        name: row.name.clone(),
        customer: row.customer.clone(),
        customer_name: row.customer_name.clone(),
        runs: product(&row.policy, &row.version, programmes),
    }
}

/// Every version that somebody runs now.
fn versions_run(reader: &ColumnsReader, view: &View, subject: Subject) -> Result<Vec<Version>, StoreError> {
    let now = Slice { from: view.slice.through, ..view.slice.clone() };
    if let Some((metrics, beside)) = metrics_of(view, subject) {
        let rows = reader.scalar_months(&now, &metrics, &beside)?;
        return Ok(rows
            .iter()
            .map(|row| platform(String::new(), &row.text, row.beside.as_deref()))
            .collect());
    }
    let rows = reader.version_months(&now)?;
    let programmes = Programmes::of(&view.catalogue, rows.iter().map(|row| &row.policy));
    Ok(rows.iter().map(|row| product(&row.policy, &row.version, &programmes)).collect())
}

fn platform(policy: String, version: &str, product: Option<&str>) -> Version {
    let version = database_names::named(version, product);
    Version { policy, shown: version.clone(), version }
}

fn product(policy: &str, version: &str, programmes: &Programmes<'_>) -> Version {
    Version {
        policy: policy.to_owned(),
        version: format!("{policy}:{version}"),
        shown: programmes.name(policy, version),
    }
}

fn covered(reader: &ColumnsReader, view: &View, subject: Subject) -> Result<Coverage, StoreError> {
    match subject {
        Subject::OperatingSystem => coverage::of(reader, view, &view.catalogue.from(&Origin::OsVersion)),
        Subject::Database => coverage::of(reader, view, &view.catalogue.from(&Origin::DatabaseVersion)),
        Subject::Product => coverage::of_every_report(reader, view),
    }
}

/// Whether a running version is older than the least; `None` where the two cannot be compared. A product's version goes
/// by its policy's list of releases, so one product's says nothing of another's.
fn compare(view: &View, subject: Subject, running: &str, minimum: &str) -> Option<Ordering> {
    if subject != Subject::Product {
        return versions::compare(running, minimum);
    }
    let (policy, version) = running.split_once(':')?;
    let (required_policy, required) = minimum.split_once(':')?;
    (policy == required_policy).then(|| view.catalogue.compare_versions(policy, version, required))
}

fn in_order(view: &View, subject: Subject, one: &Version, other: &Version) -> Ordering {
    match subject {
        Subject::Product => one
            .policy
            .cmp(&other.policy)
            .then_with(|| compare(view, subject, &one.version, &other.version).unwrap_or(Ordering::Equal)),
        _ => versions::for_lists(&one.version, &other.version),
    }
}

fn what_if_of(require: &Requirement, running: &[Running], coverage: Coverage, view: &View) -> Figure {
    let compared: Vec<(&Running, Option<Ordering>)> = running
        .iter()
        .map(|one| (one, compare(view, require.subject, &one.runs.version, &require.minimum)))
        .collect();
    let mut affected: Vec<&Running> =
        compared.iter().filter(|(_, order)| *order == Some(Ordering::Less)).map(|(one, _)| *one).collect();
    affected.sort_by_cached_key(|one| (customer_shown(one), one.name.clone()));
    let meets = compared.iter().filter(|(_, order)| matches!(order, Some(order) if order.is_ge())).count();
    let incomparable = compared.iter().filter(|(_, order)| order.is_none()).count();
    let mut table = Table::new(["Customer", "Installation", "Runs now"]);
    for one in &affected {
        table.push(vec![
            Cell::Link { text: customer_shown(one), to: Address::Customer(one.customer.clone()) },
            Cell::text(shortened(&one.name)),
            Cell::text(&one.runs.shown),
        ]);
    }
    Figure {
        title: "What if we required more?".to_owned(),
        answer: answer(&minimum_shown(require, running), &affected, meets, incomparable, coverage),
        caption: "What each installation said last, unless it is out of date. Versions of another family \
                  cannot be compared and are not counted as affected."
            .to_owned(),
        chart: chart(&affected),
        coverage: Some(coverage),
        table,
        empty: "No installation is known to run anything older.".to_owned(),
        ..Figure::default()
    }
}

/// The minimum as people read it.
fn minimum_shown(require: &Requirement, running: &[Running]) -> String {
    let same = running.iter().find(|one| one.runs.version == require.minimum);
    same.map_or_else(|| require.minimum.clone(), |one| one.runs.shown.clone())
}

fn customer_shown(one: &Running) -> String {
    super::customers::shown(&one.customer, one.customer_name.as_deref())
}

fn answer(
    minimum: &str,
    affected: &[&Running],
    meets: usize,
    incomparable: usize,
    coverage: Coverage,
) -> String {
    let unknown = coverage.reporting.saturating_sub(coverage.known) + coverage.silent;
    if coverage.known == 0 {
        return format!(
            "If we required at least {minimum}, nobody can tell who would be affected: what {} is not known.",
            runs(unknown),
        );
    }
    let who: BTreeSet<&str> = affected.iter().map(|one| one.customer.as_str()).collect();
    let mut rest = match incomparable {
        0 => String::new(),
        other => format!("; {} something that cannot be compared with it", runs(other)),
    };
    if unknown > 0 {
        rest = format!("{rest}; what {} is not known", runs(unknown));
    }
    format!(
        "If we required at least {minimum}, {} ({}) would be affected; {} it already{rest}.",
        customers(who.len()),
        installations(affected.len()),
        if meets == 1 { "1 installation meets".to_owned() } else { format!("{} meet", installations(meets)) },
    )
}

fn runs(number: usize) -> String {
    if number == 1 { "1 installation runs".to_owned() } else { format!("{} run", installations(number)) }
}

fn chart(affected: &[&Running]) -> Option<Chart> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in affected {
        *counts.entry(&one.runs.shown).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|one, other| versions::for_lists(one.0, other.0));
    (!counts.is_empty()).then(|| Chart {
        form: Form::StackedBars,
        unit: "installations".to_owned(),
        labels: counts.iter().map(|(name, _)| (*name).to_owned()).collect(),
        series: vec![Series {
            name: "Affected".to_owned(),
            values: counts.iter().map(|(_, count)| Some(*count as f64)).collect(),
        }],
        tones: Tones::Categories,
    })
}
