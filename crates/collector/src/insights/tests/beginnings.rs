//! Before the first report there is nothing, which is not zero: charts and tables begin with it.

use super::{ask, base};
use crate::insights::figures::ALL;
use crate::insights::fixture::{Fixture, rows};
use crate::insights::{Chart, Form, figures};

/// The months of a chart.
fn months(chart: &Chart) -> (&str, &str) {
    (chart.labels.first().unwrap(), chart.labels.last().unwrap())
}

#[test]
fn months_before_the_first_report_are_not_shown() {
    let fixture = base();
    fixture
        .report(1, "2026-02-01", "Web", "2014r2")
        .text("os_version", "Windows Server 2012")
        .records("ORDERS", 5.0);
    fixture
        .report(1, "2026-05-11", "Web", "2015")
        .text("os_version", "Windows Server 2012")
        .records("ORDERS", 6.0);
    for declared in ALL {
        let figure = ask(&fixture, *declared, &[("from", "2024-06"), ("customer", "100")]);
        if let Some(chart) = figure.chart.filter(|chart| chart.form != Form::StackedBars) {
            assert_eq!(months(&chart), ("2026-01", "2026-05"), "{}", declared.name());
        }
        let titles: Vec<&str> = figure.table.columns.iter().map(|column| column.title.as_str()).collect();
        assert!(!titles.contains(&"2025-12"), "{}: {titles:?}", declared.name());
    }
    assert_eq!(rows(&ask(&fixture, figures::REPORTING, &[]), 1).last().unwrap(), "2026-01");
}

#[test]
fn each_customer_product_and_version_has_a_beginning_of_its_own() {
    let fixture = base();
    let first = |asked: &[(&str, &str)]| {
        let figure = ask(&fixture, figures::REPORTING, asked);
        rows(&figure, 1).last().cloned().unwrap_or_default()
    };
    assert_eq!(first(&[]), "2026-01");
    assert_eq!(first(&[("product", "Mobile")]), "2026-05");
    assert_eq!(first(&[("version", "2014")]), "2026-05");
    assert_eq!(first(&[("customer", "200"), ("from", "2020-01")]), "2026-01");
    assert_eq!(first(&[("from", "2026-03")]), "2026-03", "a later first month is the reader's own");
}

#[test]
fn a_late_report_moves_the_beginning() {
    let fixture = base();
    fixture.report(1, "2025-11-10", "Web", "2014");
    assert_eq!(rows(&ask(&fixture, figures::REPORTING, &[]), 1).last().unwrap(), "2025-11");
}

#[test]
fn months_before_a_value_was_first_said_are_gaps_and_not_zero() {
    let fixture = base();
    fixture.report(1, "2026-04-10", "Web", "2015").text("database_edition", "Standard");
    let figure = ask(&fixture, figures::DATABASE_EDITIONS, &[("from", "2026-01")]);
    // Edition, share, May, April, March.
    assert_eq!(rows(&figure, 5), ["Standard|1.0000|1|1|"]);
    assert_eq!(figure.chart.unwrap().series[0].values[..4], [None, None, None, Some(1.0)]);
}

#[test]
fn no_report_is_no_praise() {
    let fixture = Fixture::new();
    let answer = |fixture: &Fixture, asked: &[(&str, &str)]| ask(fixture, figures::LOSSES, asked).answer;
    assert_eq!(answer(&fixture, &[]), "No report is of these months.");
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-01-10", "Web", "2014");
    assert!(answer(&fixture, &[]).starts_with("No problems: every value"));
    assert_eq!(answer(&fixture, &[("from", "2026-03")]), "No report is of these months.");
}
