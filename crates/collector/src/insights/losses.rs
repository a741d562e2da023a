//! What was not kept as it came: values that a policy does not declare, or that are not what it says.

use std::collections::BTreeMap;

use candor_policy::OutcomeKind;

use super::words::{counted, grouped};
use super::{Cell, Chart, Figure, Form, MetricOf, Month, Series, Table, Tones, View};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, OutcomeMonth, OutcomeRow};

/// The column of how many values.
pub const VALUES: &str = "Values#";

/// Values lost or changed on the way in.
pub(super) fn losses(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let rows = reader.outcome_rows(&view.slice)?;
    let months = reader.outcome_months(&view.slice)?;
    Ok(losses_of(&rows, &months, reader.reports_in(&view.slice)?, view))
}

/// The figure from its rows; a customer's page shows the same of its own.
pub(super) fn losses_of(rows: &[OutcomeRow], months: &[OutcomeMonth], reports: usize, view: &View) -> Figure {
    let lost: Vec<&OutcomeRow> = rows.iter().filter(|row| is_loss(&row.kind)).collect();
    let mut table = Table::new(["Metric", "What became of it", VALUES, "Installations#", "Last in"]);
    for row in &lost {
        table.push(vec![
            Cell::text(metric_title(row, view)),
            Cell::text(in_words(&row.kind)),
            Cell::count(row.count),
            Cell::count(row.installations),
            Cell::Month(row.last.first_day()),
        ]);
    }
    Figure {
        title: "Values that were not kept".to_owned(),
        answer: answer(&lost, reports),
        caption: "Each value that a report carried and the collector did not keep as it came. The report was kept; only \
                  the value was not."
            .to_owned(),
        chart: chart(months, view),
        table,
        ..Figure::default()
    }
}

/// Outcomes that somebody should look at. What a site left out by its own rule, or sent twice, is no loss.
fn is_loss(kind: &str) -> bool {
    OutcomeKind::ALL.into_iter().find(|known| known.word() == kind).is_none_or(|known| match known {
        OutcomeKind::Undeclared
        | OutcomeKind::WrongType
        | OutcomeKind::NotAllowed
        | OutcomeKind::LookAlike
        | OutcomeKind::TooLarge
        | OutcomeKind::WrongSource
        | OutcomeKind::NotYet
        | OutcomeKind::NoLonger
        | OutcomeKind::UnknownRelease
        | OutcomeKind::Redacted => true,
        OutcomeKind::Accepted | OutcomeKind::Withheld | OutcomeKind::NotMeasured | OutcomeKind::Duplicate => {
            false
        }
    })
}

fn in_words(kind: &str) -> &str {
    match kind {
        "undeclared" => "dropped: not declared by the policy",
        "wrong-type" => "dropped: of another type than declared",
        "not-allowed" => "dropped: outside of what the policy allows",
        "look-alike" => "dropped: characters that cannot be seen or that look like others",
        "too-large" => "dropped: larger, or more of them, than allowed",
        "wrong-source" => "dropped: the source does not gather it",
        "not-yet" => "dropped: the version is older than the metric",
        "no-longer" => "dropped: the version is newer than the metric",
        "unknown-release" => "dropped: the policy does not list the version",
        "redacted" => "rewritten or left out by a redaction rule",
        other => other,
    }
}

fn metric_title(row: &OutcomeRow, view: &View) -> String {
    match &row.metric {
        Some(metric) => view.catalogue.title(&MetricOf::new(&row.policy, metric)),
        None => "(declared by no policy)".to_owned(),
    }
}

fn answer(lost: &[&OutcomeRow], reports: usize) -> String {
    let values: usize = lost.iter().map(|row| row.count).sum();
    match lost.first() {
        None if reports == 0 => "No report is of these months.".to_owned(),
        None => "No problems: every value that arrived in these months was declared and kept unchanged."
            .to_owned(),
        Some(most) => format!(
            "{} not kept as {} came; most often, {} times: {}.",
            counted(values, "value was", "values were"),
            if values == 1 { "it" } else { "they" },
            grouped(most.count as i64),
            in_words(&most.kind),
        ),
    }
}

fn chart(months: &[OutcomeMonth], view: &View) -> Option<Chart> {
    let mut kinds: BTreeMap<&str, BTreeMap<Month, usize>> = BTreeMap::new();
    for row in months.iter().filter(|row| is_loss(&row.kind)) {
        kinds.entry(&row.kind).or_default().insert(row.month, row.count);
    }
    let labels: Vec<Month> = view.slice.from.through(view.slice.through).collect();
    let series: Vec<Series> = kinds
        .iter()
        .map(|(kind, counts)| Series {
            name: (*kind).to_owned(),
            values: labels
                .iter()
                .map(|month| Some(counts.get(month).copied().unwrap_or_default() as f64))
                .collect(),
        })
        .collect();
    (!series.is_empty()).then(|| Chart {
        form: Form::StackedColumns,
        unit: "values".to_owned(),
        labels: labels.iter().map(Month::to_string).collect(),
        series,
        tones: Tones::Categories,
    })
}
