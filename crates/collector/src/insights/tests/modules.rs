//! Which modules hold records, how that grows, and who uses one of them.

use super::ask;
use crate::insights::fixture::{Fixture, rows};
use crate::insights::{Cell, Coverage, figures};

/// A grows, B has records and does not, C has none, D withholds, E is new in May.
fn modules_base() -> Fixture {
    let fixture = Fixture::new();
    for (number, letter) in (1..).zip("ABCDE".chars()) {
        fixture.installation(number, letter, Some(&format!("{letter}0")), None);
    }
    let mut months =
        ["2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10", "2026-05-10"].into_iter().zip(0..);
    for (day, month) in months.by_ref() {
        let report = |number: i64| fixture.report(number, day, "Web", "2015");
        report(1).records("ORDERS", 100.0 + 10.0 * f64::from(month)).records("ASSETS", 5.0);
        report(2).records("ORDERS", 60.0);
        report(3).records("ORDERS", 0.0);
        report(4).state("record_counts", "withheld", None);
        if month == 4 {
            report(5).records("ORDERS", 1000.0);
        }
    }
    fixture
}

#[test]
fn who_uses_a_module_and_who_only_has_it() {
    let figure = ask(&modules_base(), figures::MODULES, &[("from", "2026-01")]);
    // Module, active, only records, empty, too new, known, silent, records, growth: 200 at both ends of the chain against 160.
    let expected = ["ORDERS|1|1|1|1|4|0|1200|0.2500|2026-01", "ASSETS|0|1|0|0|1|0|5|0.0000|2026-01"];
    assert_eq!(rows(&figure, 10), expected);
    assert_eq!(
        figure.answer,
        "ORDERS is used most: its records grew at 1 of 4 installations within 3 months. Of 2 modules, 1 is actively used \
         nowhere."
    );
    let chart = figure.chart.unwrap();
    let drawn: Vec<(&str, Option<f64>)> =
        chart.series.iter().map(|series| (series.name.as_str(), series.values[0])).collect();
    assert_eq!(
        drawn,
        [
            ("Actively used", Some(1.0)),
            ("Only has records", Some(1.0)),
            ("Empty", Some(1.0)),
            ("Too new to tell", Some(1.0))
        ]
    );
    assert_eq!(
        figure.coverage,
        Some(Coverage { known: 4, reporting: 5, withheld: 1, not_measured: 0, ..Coverage::default() })
    );
}

#[test]
fn growth_is_since_the_first_month_that_is_known() {
    let since = |fixture: &Fixture, from: &str| -> Vec<String> {
        let figure = ask(fixture, figures::MODULES, &[("from", from)]);
        figure.table.cells("Growth since").map(Cell::exact).collect()
    };
    let fixture = modules_base();
    assert_eq!(since(&fixture, "2024-12"), ["2026-01", "2026-01"]);
    assert_eq!(since(&fixture, "2026-03"), ["2026-03", "2026-03"]);
    // Each module has a first month of its own, and none before it is known for two.
    fixture.report(1, "2026-04-11", "Web", "2015").records("ORDERS", 130.0).records("LATER", 1.0);
    fixture
        .report(1, "2026-05-11", "Web", "2015")
        .records("ORDERS", 140.0)
        .records("LATER", 2.0)
        .records("NEW", 2.0);
    assert_eq!(since(&fixture, "2026-01"), ["2026-01", "2026-04", ""]);
}

#[test]
fn growth_leaves_out_who_comes() {
    let figure = ask(&modules_base(), figures::MODULE_GROWTH, &[("from", "2026-01")]);
    assert_eq!(
        rows(&figure, 8),
        ["ORDERS|0.2500|4|125.0|118.8|112.5|106.2|100.0", "ASSETS|0.0000|1|100.0|100.0|100.0|100.0|100.0"]
    );
    assert_eq!(figure.answer, "ORDERS grew most: +25\u{a0}%, now at 4 installations. No module shrank.");
}

#[test]
fn a_module_leads_to_its_customers_the_active_ones_first() {
    let asked = [("policy", "acme"), ("metric", "record_counts"), ("key", "ORDERS")];
    let figure = ask(&modules_base(), figures::MODULE_CUSTOMERS, &asked);
    let expected = [
        "A0|AAAAAAAA…|Actively used|140|110",
        "B0|BBBBBBBB…|Only has records|60|60",
        "E0|EEEEEEEE…|Too new to tell|1000|",
        "C0|CCCCCCCC…|Empty|0|0",
    ];
    assert_eq!(rows(&figure, 5), expected);
    assert_eq!(
        figure.answer,
        "1 customer actively uses ORDERS; 1 only have records of it, at 1 it is empty, 1 is too new to tell."
    );
}

/// What each installation is said to do with ORDERS.
fn uses(fixture: &Fixture) -> Vec<String> {
    let asked = [("policy", "acme"), ("metric", "record_counts"), ("key", "ORDERS")];
    let figure = ask(fixture, figures::MODULE_CUSTOMERS, &asked);
    figure.table.cells("Use").map(Cell::exact).collect()
}

/// One installation that counts ORDERS on these days.
fn counted_on(days: &[&str]) -> Fixture {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    for (day, number) in days.iter().zip(1..) {
        fixture.report(1, day, "Web", "2015").records("ORDERS", f64::from(number) * 10.0);
    }
    fixture
}

#[test]
fn who_is_known_for_less_than_the_comparison_needs_is_too_new_to_tell() {
    assert_eq!(uses(&counted_on(&["2026-03-10", "2026-05-10"])), ["Too new to tell"], "it may grow or not");
    assert_eq!(uses(&counted_on(&["2026-02-28", "2026-05-10"])), ["Actively used"]);
    assert_eq!(uses(&counted_on(&["2026-02-28"])), ["Only has records"]);
}

#[test]
fn who_was_silent_when_the_comparison_begins_is_too_new_to_tell() {
    // Silent from November on, and back in April.
    assert_eq!(uses(&counted_on(&["2025-08-10", "2026-04-10"])), ["Too new to tell"]);
}

#[test]
fn who_did_not_count_a_table_then_is_too_new_to_tell() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-01-10", "Web", "2015").records("ASSETS", 1.0);
    fixture.report(1, "2026-05-10", "Web", "2015").records("ASSETS", 1.0).records("ORDERS", 5.0);
    assert_eq!(uses(&fixture), ["Too new to tell"]);
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-01-10", "Web", "2015").state("record_counts", "withheld", None);
    fixture.report(1, "2026-05-10", "Web", "2015").records("ORDERS", 5.0);
    assert_eq!(uses(&fixture), ["Too new to tell"]);
}

#[test]
fn an_empty_table_is_empty_however_new() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-05-10", "Web", "2015").records("ORDERS", 0.0);
    assert_eq!(uses(&fixture), ["Empty"]);
}

#[test]
fn modules_that_are_too_new_everywhere_are_not_called_unused() {
    let fixture = counted_on(&["2026-05-10"]);
    let answer = |fixture: &Fixture| ask(fixture, figures::MODULES, &[]).answer;
    assert_eq!(
        answer(&fixture),
        "No module is known to be actively used. Of 1 module, 1 is too new to tell."
    );
    fixture.report(1, "2026-05-11", "Web", "2015").records("ORDERS", 10.0).records("ASSETS", 0.0);
    assert_eq!(
        answer(&fixture),
        "No module is known to be actively used. Of 2 modules, 1 is actively used nowhere, and 1 is too new to tell."
    );
}

#[test]
fn modules_that_are_used_alike_are_both_used_most() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-01-10", "Web", "2015").records("ORDERS", 1.0).records("ASSETS", 1.0);
    fixture.report(1, "2026-05-10", "Web", "2015").records("ORDERS", 2.0).records("ASSETS", 2.0);
    assert_eq!(
        ask(&fixture, figures::MODULES, &[]).answer,
        "ASSETS and ORDERS are used most: the records of each grew at 1 installation within 3 months. Of 2 modules, every \
         one is actively used somewhere."
    );
}

#[test]
fn nothing_grew_most_where_nothing_grew_or_nothing_is_known_any_more() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-01-10", "Web", "2015").records("ORDERS", 10.0).records("ASSETS", 4.0);
    fixture.report(1, "2026-03-10", "Web", "2015").records("ORDERS", 5.0).records("ASSETS", 4.0);
    let answer = |parameters: &[(&str, &str)]| ask(&fixture, figures::MODULE_GROWTH, parameters).answer;
    assert_eq!(answer(&[("to", "2026-03")]), "No module grew. ORDERS shrank.");
    fixture.report(1, "2026-04-10", "Web", "2015").state("record_counts", "withheld", None);
    assert_eq!(answer(&[]), "No module is known in 2026-05; the last that was known is of 2026-03.");
}

#[test]
fn a_table_that_is_no_longer_counted_is_not_carried_on() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-04-10", "Web", "2015").records("ORDERS", 7.0).records("ASSETS", 8.0);
    fixture.report(1, "2026-05-10", "Web", "2015").records("ORDERS", 9.0);
    let figure = ask(&fixture, figures::MODULES, &[]);
    assert_eq!(rows(&figure, 1), ["ORDERS"]);
}

#[test]
fn the_newest_report_of_a_month_speaks_for_the_month() {
    let counted = || {
        let fixture = Fixture::new();
        fixture.installation(1, 'A', None, None);
        fixture.report(1, "2026-05-02", "Web", "2015").records("ORDERS", 7.0).records("ASSETS", 8.0);
        fixture
    };
    let fixture = counted();
    fixture.report(1, "2026-05-10", "Web", "2015").records("ORDERS", 9.0);
    assert_eq!(rows(&ask(&fixture, figures::MODULES, &[]), 1), ["ORDERS"], "ASSETS is no longer counted");
    for state in ["withheld", "none"] {
        let fixture = counted();
        fixture.report(1, "2026-05-10", "Web", "2015").state("record_counts", state, None);
        assert!(rows(&ask(&fixture, figures::MODULES, &[]), 1).is_empty(), "{state}");
    }
    let fixture = counted();
    fixture.report(1, "2026-05-10", "Web", "2015").state("record_counts", "not-measured", Some("locked"));
    assert_eq!(
        rows(&ask(&fixture, figures::MODULES, &[]), 1),
        ["ASSETS", "ORDERS"],
        "what was said before stands"
    );
}

#[test]
fn a_chart_that_shows_some_of_the_modules_says_of_how_many() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    let report = fixture.report(1, "2026-05-10", "Web", "2015");
    drop((0..16).fold(report, |report, number| report.records(&format!("TABLE{number:02}"), 1.0)));
    let figure = ask(&fixture, figures::MODULES, &[]);
    assert_eq!(figure.chart.unwrap().labels.len(), 15);
    assert!(figure.caption.ends_with("The chart shows the first 15 of 16 modules."), "{}", figure.caption);
    let figure = ask(&fixture, figures::CUSTOMER_MODULES, &[("customer", "100")]);
    assert_eq!(figure.chart.unwrap().series.len(), 6);
    assert!(figure.caption.ends_with("The chart shows the first 6 of 16 modules."), "{}", figure.caption);
}
