//! Customers, and one customer's history. All of it names customers; whoever renders it writes to the audit log first.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::words::{counted, grouped, installations as installations_counted, pseudonym, shortened};
use super::{Address, Cell, Figure, Table, View, losses};
use crate::store::StoreError;
use crate::store::insights::{
    ColumnsReader, CustomerRow, InstallationRow, Presence, VersionSeen, days_before,
};

/// The column of a customer's name.
pub const CUSTOMER: &str = "Customer";

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
            Cell::text(state(row)),
        ]);
    }
    let silent = rows.iter().filter(|row| row.silent == row.installations).count();
    let in_part = rows.iter().filter(|row| row.silent > 0 && row.silent < row.installations).count();
    let in_part = if in_part > 0 { format!(", {} in part", grouped(in_part as i64)) } else { String::new() };
    let unnamed = rows.iter().filter(|row| row.customer.is_none()).count();
    Figure {
        title: "Customers".to_owned(),
        answer: match rows.len() {
            0 => match &view.question.search {
                Some(search) => format!("No customer's name or number contains \u{201c}{search}\u{201d}."),
                None => format!("No customer has reported up to {}.", view.slice.through),
            },
            all => format!(
                "{}; {} silent{in_part}, {} known only by the pseudonym of an installation.",
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

/// What is heard of a customer's installations.
fn state(row: &CustomerRow) -> String {
    match row.silent {
        0 => "reporting".to_owned(),
        silent if silent == row.installations => "silent".to_owned(),
        silent => format!("{silent} of {} silent", row.installations),
    }
}

/// Who of a customer's installations is silent, as a sentence; nothing where none is.
pub(super) fn silence(presence: &Presence) -> Option<String> {
    let since = day(presence.silent_last?);
    Some(match (presence.reporting, presence.silent) {
        (0, 1) => format!("It is silent: nothing has been heard since {since}."),
        (0, silent) => {
            format!("All {} are silent: nothing has been heard since {since}.", installations_counted(silent))
        }
        (reporting, silent) => format!(
            "{} of {} {} silent: nothing has been heard there since {since}.",
            grouped(silent as i64),
            installations_counted(reporting + silent),
            if silent == 1 { "is" } else { "are" },
        ),
    })
}

/// A customer's installations.
pub(super) fn installations(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    Ok(installations_of(&reader.installations_of(&view.slice)?, &reader.presence(&view.slice)?, view))
}

fn installations_of(rows: &[InstallationRow], presence: &Presence, view: &View) -> Figure {
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
                "{}, {}; the newest is of {}.{}",
                installations_counted(names.len()),
                counted(reports, "report", "reports"),
                day(last),
                silence(presence).map_or(String::new(), |silence| format!(" {silence}")),
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
    let silent = reader.silent_installations(&view.slice)?;
    Ok(version_history_of(&reader.customer_versions(&view.slice)?, &silent))
}

fn version_history_of(seen: &[VersionSeen], silent: &[(String, Timestamp)]) -> Figure {
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
        Some((start, _)) => version_answer(start, silent),
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

fn version_answer(newest: &VersionSeen, silent: &[(String, Timestamp)]) -> String {
    let VersionSeen { application, version, .. } = newest;
    match silent.iter().find(|(name, _)| *name == newest.installation) {
        Some((_, last)) => format!("{application} {version} when it was last heard from, on {}.", day(*last)),
        None => format!("{application} {version} since {}.", day(newest.ended)),
    }
}

/// What of a customer's values was not kept as it came.
pub(super) fn losses(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let rows = reader.outcome_rows(&view.slice)?;
    let months = reader.outcome_months(&view.slice)?;
    Ok(losses::losses_of(&rows, &months, reader.reports_in(&view.slice)?, view))
}
