//! Who reports, who is new, who fell silent, and which versions they have.

use jiff::tz::TimeZone;

use super::limits::{LAST_REPORTS, SILENCE_DAYS};
use super::series::ByMonth;
use super::words::{grouped, installations, shortened};
use super::{
    Address, Cell, Chart, Coverage, Figure, Form, Programmes, Series, Table, Tones, View, coverage, lead,
};
use crate::store::StoreError;
use crate::store::insights::{BaseMonth, ColumnsReader, LastReport, VersionMonth};

/// The columns of [`REPORTING`](super::figures::REPORTING).
pub mod columns {
    /// The month, newest first.
    pub const MONTH: &str = "Month";
    /// Installations with a report whose period ends in the month.
    pub const REPORTING: &str = "Reporting#";
    /// Those of them with their first report.
    pub const NEW: &str = "New#";
    /// Installations past the silence limit at the month's end.
    pub const SILENT: &str = "Silent#";
    /// Installations that have ever reported, up to the month's end.
    pub const KNOWN: &str = "Known in all#";
}

/// Installations that report, are new, or have fallen silent, month by month.
pub(super) fn reporting(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    Ok(reporting_of(&reader.base_months(&view.slice)?))
}

fn reporting_of(months: &[BaseMonth]) -> Figure {
    let mut table =
        Table::new([columns::MONTH, columns::REPORTING, columns::NEW, columns::SILENT, columns::KNOWN]);
    let seen = months.iter().any(|month| month.known > 0);
    for month in months.iter().rev().filter(|_| seen) {
        table.push(vec![
            Cell::Month(month.month.first_day()),
            Cell::count(month.reporting),
            Cell::count(month.new),
            Cell::count(month.known - month.heard),
            Cell::count(month.known),
        ]);
    }
    Figure {
        title: "Installations".to_owned(),
        answer: reporting_answer(months),
        caption: format!(
            "Reporting: a report whose period ends in the month. New: its first one. Silent: nothing for {SILENCE_DAYS} \
             days at the month's end. The month under way is counted up to now."
        ),
        chart: seen.then(|| reporting_chart(months)),
        table,
        empty: "Installations appear here within a second or two of their first report. Publish a policy, give it to \
                an installer, and run `candor report`."
            .to_owned(),
        ..Figure::default()
    }
}

fn reporting_answer(months: &[BaseMonth]) -> String {
    let Some(last) = months.last().filter(|last| last.known > 0) else {
        return "No installation has reported in these months.".to_owned();
    };
    let was = if last.heard == 1 { "was" } else { "were" };
    format!(
        "{} of {} {was} heard from within {SILENCE_DAYS} days: {} reported in {}, {} of them for the first time. {} silent.",
        grouped(last.heard as i64),
        installations(last.known),
        grouped(last.reporting as i64),
        last.month,
        grouped(last.new as i64),
        match last.known - last.heard {
            1 => "1 is".to_owned(),
            silent => format!("{} are", grouped(silent as i64)),
        },
    )
}

fn reporting_chart(months: &[BaseMonth]) -> Chart {
    let line = |name: &str, value: fn(&BaseMonth) -> usize| Series {
        name: name.to_owned(),
        values: months.iter().map(|month| Some(value(month) as f64)).collect(),
    };
    Chart {
        form: Form::Lines,
        unit: "installations".to_owned(),
        labels: months.iter().map(|month| month.month.to_string()).collect(),
        series: vec![
            line("Reporting", |month| month.reporting),
            line("New", |month| month.new),
            line("Silent", |month| month.known - month.heard),
        ],
        tones: Tones::Categories,
    }
}

/// Versions of the product, month by month.
pub(super) fn versions(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let rows = reader.version_months(&view.slice)?;
    Ok(versions_of(&rows, coverage::of_every_report(reader, view)?, view))
}

fn versions_of(rows: &[VersionMonth], coverage: Coverage, view: &View) -> Figure {
    let programmes = Programmes::of(&view.catalogue, rows.iter().map(|row| &row.policy));
    let mut counts = ByMonth::default();
    let mut order: Vec<(String, String, String)> = Vec::new();
    for row in rows {
        let name = programmes.name(&row.policy, &row.version);
        counts.add(&name, row.month, row.installations);
        if !order.iter().any(|(_, _, known)| *known == name) {
            order.push((row.policy.clone(), row.version.clone(), name));
        }
    }
    order.sort_by(|one, other| {
        let versions = || view.catalogue.compare_versions(&one.0, &one.1, &other.1);
        one.0.cmp(&other.0).then_with(versions)
    });
    let names: Vec<String> = order.into_iter().map(|(_, _, name)| name).collect();
    let newest_first: Vec<String> = names.iter().rev().cloned().collect();
    Figure {
        title: "Versions".to_owned(),
        answer: versions_answer(&counts, view),
        caption: format!(
            "The version of each installation's newest report, oldest release at the bottom. It holds until the next report, or \
             until the installation has said nothing for {SILENCE_DAYS} days."
        ),
        chart: (!counts.is_empty()).then(|| counts.stacked(&view.slice, &names, Tones::Ordered)),
        coverage: Some(coverage),
        table: counts.table(&view.slice, &newest_first, "Version"),
        empty: "The versions that installations run appear here with their first reports.".to_owned(),
        ..Figure::default()
    }
}

fn versions_answer(counts: &ByMonth, view: &View) -> String {
    let last = view.slice.through;
    lead::most_common("version", counts, last, |_| format!(" in {last}"))
        .unwrap_or_else(|| format!("No installation that is heard from has a version in {last}."))
}

/// The newest reports, by receipt.
pub(super) fn last_reports(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    Ok(last_reports_of(&reader.last_reports(&view.slice, LAST_REPORTS)?))
}

fn last_reports_of(reports: &[LastReport]) -> Figure {
    let mut table = Table::new([
        "Received (UTC)",
        "Period's end",
        "Installation",
        "Application",
        "Version",
        "Source",
        "Policy",
    ]);
    for report in reports {
        table.push(vec![
            Cell::text(report.received.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            Cell::Day(report.period_end.to_zoned(TimeZone::UTC).date()),
            Cell::text(shortened(&report.installation)),
            Cell::text(&report.application),
            Cell::text(&report.version),
            Cell::text(&report.source),
            Cell::Link {
                text: format!("{} {}", report.policy, report.policy_version),
                to: Address::Policy(report.policy.clone(), report.policy_version.clone()),
            },
        ]);
    }
    Figure {
        title: "Last reports".to_owned(),
        answer: match reports.first() {
            None => "No report has arrived for these months.".to_owned(),
            Some(newest) => format!(
                "The newest report arrived at {} UTC, from {} {}.",
                newest.received.strftime("%Y-%m-%d %H:%M:%S"),
                newest.application,
                newest.version
            ),
        },
        caption:
            "By time of receipt. Installations are listed by pseudonym; whose they are is on the customer's \
                  page."
                .to_owned(),
        table,
        empty: "Each report that is acknowledged appears here within a second or two.".to_owned(),
        ..Figure::default()
    }
}
