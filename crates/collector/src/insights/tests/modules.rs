//! Which modules hold records, how that grows, and who uses one of them.

use super::ask;
use crate::insights::fixture::{Fixture, rows};
use crate::insights::{Coverage, figures};

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
    // Module, active, only records, empty, known, records, growth: 200 at both ends of the chain against 160.
    assert_eq!(rows(&figure, 7), ["ORDERS|1|2|1|4|1200|0.2500", "ASSETS|0|1|0|1|5|0.0000"]);
    assert_eq!(
        figure.answer,
        "ORDERS is used most: its records grew at 1 of 4 installations within 3 months. Of 2 modules, 1 is actively used \
         nowhere."
    );
    assert_eq!(
        figure.coverage,
        Some(Coverage { known: 4, reporting: 5, withheld: 1, not_measured: 0, ..Coverage::default() })
    );
}

#[test]
fn growth_is_since_the_first_month_that_is_known() {
    let figure = ask(&modules_base(), figures::MODULES, &[("from", "2024-12")]);
    assert_eq!(figure.table.columns.last().unwrap().title, "Growth since 2026-01");
    let figure = ask(&modules_base(), figures::MODULES, &[("from", "2026-03")]);
    assert_eq!(figure.table.columns.last().unwrap().title, "Growth since 2026-03");
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
        "E0|EEEEEEEE…|Only has records|1000|",
        "B0|BBBBBBBB…|Only has records|60|60",
        "C0|CCCCCCCC…|Empty|0|0",
    ];
    assert_eq!(rows(&figure, 5), expected);
    assert_eq!(
        figure.answer,
        "1 customer actively uses ORDERS; 2 only have records of it, at 1 it is empty."
    );
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
