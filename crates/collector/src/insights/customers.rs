//! Customers, and one customer's history. All of it names customers; whoever renders it writes to the audit log first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::words::{counted, grouped, installations as installations_counted, plain, pseudonym, shortened};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, KeyOf, Month, Series, Table, Tones, View, coverage, losses,
};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, CustomerRow, InstallationRow, VersionSeen, days_before};

/// The column of a customer's name.
pub const CUSTOMER: &str = "Customer";
/// The lines of the chart of a customer's records.
const MODULE_LINES: usize = 6;

/// How a customer is called: by its name, by its number, or, where it has said neither, by its installation's pseudonym.
pub fn shown(key: &str, name: Option<&str>) -> String {
    match (name.map(str::trim).filter(|name| !name.is_empty()), key.strip_prefix('~')) {
        (Some(name), _) => name.to_owned(),
        (None, Some(installation)) => pseudonym(installation),
        (None, None) => key.to_owned(),
    }
}

pub(super) fn day(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

/// All customers.
pub(super) fn customers(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let rows = reader.customer_rows(&view.slice, view.question.search.as_deref())?;
    Ok(customers_of(&rows, view))
}

fn customers_of(rows: &[CustomerRow], view: &View) -> Figure {
    let silent_before = days_before(view.slice.at, view.slice.silence_days);
    let mut table = Table::new([CUSTOMER, "Number", "Installations#", "Versions", "Last report", "State"]);
    for row in rows {
        table.push(vec![
            Cell::Link {
                text: shown(&row.key, row.customer_name.as_deref()),
                to: Address::Customer(row.key.clone()),
            },
            row.customer.as_ref().map_or(Cell::Missing, Cell::text),
            Cell::count(row.installations),
            Cell::text(row.versions.join(", ")),
            Cell::Day(day(row.last)),
            Cell::text(if row.last < silent_before { "silent" } else { "reporting" }),
        ]);
    }
    let silent = rows.iter().filter(|row| row.last < silent_before).count();
    let unnamed = rows.iter().filter(|row| row.customer.is_none()).count();
    Figure {
        title: "Customers".to_owned(),
        answer: match rows.len() {
            0 => format!("No customer has reported up to {}.", view.slice.through),
            all => format!(
                "{}; {} silent, {} known only by the pseudonym of an installation.",
                counted(all, "customer", "customers"),
                grouped(silent as i64),
                grouped(unnamed as i64),
            ),
        },
        caption: format!(
            "Everybody who ever reported up to {}, the silent ones too, whatever the first month. Silent: nothing for {} \
             days. Each look at this page is in the audit log.",
            view.slice.through, view.slice.silence_days
        ),
        table,
        empty: match &view.question.search {
            Some(search) => format!("No customer's name or number contains \u{201c}{search}\u{201d}."),
            None => "A customer appears here with the first report of one of its installations.".to_owned(),
        },
        ..Figure::default()
    }
}

/// A customer's installations.
pub(super) fn installations(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    Ok(installations_of(&reader.installations_of(&view.slice)?, view))
}

fn installations_of(rows: &[InstallationRow], view: &View) -> Figure {
    let silent_before = days_before(view.slice.at, view.slice.silence_days);
    let mut table = Table::new([
        "Installation",
        "Application",
        "Version",
        "First report",
        "Last report",
        "Reports#",
        "State",
    ]);
    for row in rows {
        // An installer speaks once per upgrade; silent is an installation of which nobody speaks.
        let last = rows.iter().filter(|other| other.name == row.name).map(|other| other.last).max();
        let is_silent = last.is_some_and(|last| last < silent_before);
        table.push(vec![
            Cell::text(shortened(&row.name)),
            Cell::text(&row.application),
            Cell::text(&row.version),
            Cell::Day(day(row.first)),
            Cell::Day(day(row.last)),
            Cell::count(row.reports),
            Cell::text(if is_silent { "silent" } else { "reporting" }),
        ]);
    }
    let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.dedup();
    let reports: usize = rows.iter().map(|row| row.reports).sum();
    let last = rows.iter().map(|row| row.last).max();
    Figure {
        title: "Installations".to_owned(),
        answer: match last {
            None => format!("Nothing has been heard of this customer up to {}.", view.slice.through),
            Some(last) => format!(
                "{}, {}; the newest is of {}.",
                installations_counted(names.len()),
                counted(reports, "report", "reports"),
                day(last)
            ),
        },
        caption: format!(
            "Everything up to {}, whatever the first month. Days are the ends of the reports' periods, not of their \
             receipt.",
            view.slice.through
        ),
        table,
        empty: format!("No installation of this customer has reported up to {}.", view.slice.through),
        ..Figure::default()
    }
}

/// Which versions a customer had, and when.
pub(super) fn version_history(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    Ok(version_history_of(&reader.customer_versions(&view.slice)?))
}

fn version_history_of(seen: &[VersionSeen]) -> Figure {
    let mut spans: Vec<(&VersionSeen, Timestamp)> = Vec::new();
    for one in seen {
        match spans.last_mut() {
            Some((start, last))
                if start.installation == one.installation
                    && start.application == one.application
                    && start.version == one.version =>
            {
                *last = one.ended;
            }
            _ => spans.push((one, one.ended)),
        }
    }
    let newest = spans.iter().max_by_key(|(start, _)| start.ended);
    let answer = match newest {
        None => "No version is known.".to_owned(),
        Some((start, _)) => {
            format!("{} {} since {}.", start.application, start.version, day(start.ended))
        }
    };
    let mut table = Table::new(["Application", "Version", "First seen", "Last seen", "Installation"]);
    let mut newest_first = spans.clone();
    newest_first.sort_by_key(|(start, _)| std::cmp::Reverse(start.ended));
    for (start, last) in newest_first {
        table.push(vec![
            Cell::text(&start.application),
            Cell::text(&start.version),
            Cell::Day(day(start.ended)),
            Cell::Day(day(last)),
            Cell::text(shortened(&start.installation)),
        ]);
    }
    Figure {
        title: "Versions over time".to_owned(),
        answer,
        caption: "A version counts from the first report that names it.".to_owned(),
        table,
        empty: "Versions appear here with this customer's first report.".to_owned(),
        ..Figure::default()
    }
}

/// A customer's records by module, month by month.
pub(super) fn module_counts(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.counts();
    let counts = reader.customer_counts(&view.slice, &metrics)?;
    Ok(module_counts_of(&counts, coverage::of(reader, view, &metrics)?, view))
}

fn module_counts_of(rows: &[(KeyOf, Month, f64)], coverage: Coverage, view: &View) -> Figure {
    let mut modules: BTreeMap<&KeyOf, BTreeMap<Month, f64>> = BTreeMap::new();
    for (key, month, records) in rows {
        modules.entry(key).or_default().insert(*month, *records);
    }
    let last = view.slice.through;
    let mut ordered: Vec<(&KeyOf, BTreeMap<Month, f64>)> = modules.into_iter().collect();
    let now = |months: &BTreeMap<Month, f64>| months.get(&last).copied().unwrap_or_default();
    ordered.sort_by(|one, other| now(&other.1).total_cmp(&now(&one.1)));
    let months: Vec<Month> = view.slice.from.through(last).collect();
    let titles: Vec<String> = std::iter::once("Module".to_owned())
        .chain(months.iter().rev().map(|month| format!("{month}#")))
        .collect();
    let mut table = Table::new(titles.iter().map(String::as_str));
    for (key, counts) in &ordered {
        let values = months
            .iter()
            .rev()
            .map(|month| counts.get(month).map_or(Cell::Missing, |records| Cell::Number(*records)));
        table.push(std::iter::once(Cell::text(&key.key)).chain(values).collect());
    }
    let line = |(key, counts): &(&KeyOf, BTreeMap<Month, f64>)| Series {
        name: key.key.clone(),
        values: months.iter().map(|month| counts.get(month).copied()).collect(),
    };
    Figure {
        title: "Records by module".to_owned(),
        answer: match ordered.first() {
            None => "This customer has reported no record counts in these months.".to_owned(),
            Some((key, counts)) => format!(
                "{} is the largest of {}: {} records in {last}.",
                key.key,
                counted(ordered.len(), "module", "modules"),
                plain(now(counts))
            ),
        },
        caption: format!(
            "What was said last, at each month's end, over all installations. It holds where a later snapshot could not \
             measure a table, until the metric is withheld, or the installation has said nothing for {} days.",
            view.slice.silence_days
        ),
        chart: (!ordered.is_empty()).then(|| Chart {
            form: Form::Lines,
            unit: "records".to_owned(),
            labels: months.iter().map(Month::to_string).collect(),
            series: ordered.iter().take(MODULE_LINES).map(line).collect(),
            tones: Tones::Categories,
        }),
        coverage: Some(coverage),
        table,
        empty: "Record counts appear here once a snapshot of this customer has reported them.".to_owned(),
        ..Figure::default()
    }
}

/// What of a customer's values was not kept as it came.
pub(super) fn losses(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let rows = reader.outcome_rows(&view.slice)?;
    let months = reader.outcome_months(&view.slice)?;
    Ok(losses::losses_of(&rows, &months, view))
}
