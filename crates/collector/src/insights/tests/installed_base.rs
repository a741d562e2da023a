//! Who reports, which versions they have, and what was not kept.

use super::{ask, base};
use crate::insights::figures;
use crate::insights::fixture::{Fixture, rows};

#[test]
fn who_reports_who_is_new_and_who_is_silent() {
    let fixture = base();
    let figure = ask(&fixture, figures::REPORTING, &[("from", "2026-01")]);
    // Month, reporting, new, silent, known.
    let expected =
        ["2026-05|2|1|1|3", "2026-04|0|0|1|2", "2026-03|1|0|0|2", "2026-02|0|0|0|2", "2026-01|2|2|0|2"];
    assert_eq!(rows(&figure, 5), expected);
    assert_eq!(
        figure.answer,
        "2 of 3 installations were heard from within 90 days: 2 reported in 2026-05, 1 of them for the first time. 1 is \
         silent."
    );
}

#[test]
fn an_installation_is_silent_after_ninety_days_and_not_before() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-01-31", "Web", "2015");
    // 2026-05-01T00:00 is 89.5 days after 2026-01-31T12:00; noon of 2026-05-15 is more.
    let figure = ask(&fixture, figures::REPORTING, &[("from", "2026-04")]);
    assert_eq!(rows(&figure, 5), ["2026-05|0|0|1|1", "2026-04|0|0|0|1"]);
}

#[test]
fn versions_stand_in_the_order_of_releases_and_hold_between_reports() {
    let figure = ask(&base(), figures::VERSIONS, &[("from", "2026-03")]);
    // Version, share now, then May, April, March; B's 7.60 holds until it falls silent in April.
    let expected = ["2015|0.5000|1|0|0", "2014r2|0.0000|0|1|1", "2014|0.5000|1|0|0", "7.60|0.0000|0|0|1"];
    assert_eq!(rows(&figure, 5), expected);
    let chart = figure.chart.unwrap();
    let drawn: Vec<&str> = chart.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(drawn, ["7.60", "2014", "2014r2", "2015"]);
}

#[test]
fn filters_narrow_to_product_version_and_customer() {
    let fixture = base();
    let known = |parameters: &[(&str, &str)]| {
        let figure = ask(&fixture, figures::REPORTING, parameters);
        rows(&figure, 5).first().and_then(|row| row.rsplit('|').next().map(str::to_owned)).unwrap_or_default()
    };
    assert_eq!(known(&[("product", "Web")]), "2");
    assert_eq!(known(&[("version", "2015")]), "1");
    assert_eq!(known(&[("customer", "200")]), "1");
    assert_eq!(known(&[("customer", &format!("~{}", "C".repeat(22)))]), "1");
    assert_eq!(known(&[("customer", "nobody")]), "");
    assert_eq!(known(&[("to", "2026-02")]), "2", "what came later does not exist");
}

#[test]
fn last_reports_name_no_customer() {
    let figure = ask(&base(), figures::LAST_REPORTS, &[]);
    let shown = rows(&figure, 7).join("\n");
    assert!(shown.contains("2026-05-12 12:00:00|2026-05-12|CCCCCCCC…|Mobile|2014|batch|acme 1.0"), "{shown}");
    assert!(!shown.contains("Town of A") && !shown.contains("100"), "{shown}");
}

#[test]
fn losses_leave_out_what_the_site_itself_decided() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture
        .report(1, "2026-05-01", "Web", "2015")
        .outcome(None, "undeclared", 3)
        .outcome(Some("options"), "redacted", 1)
        .outcome(Some("options"), "withheld", 9)
        .outcome(None, "accepted", 99);
    let figure = ask(&fixture, figures::LOSSES, &[]);
    let expected = [
        "(declared by no policy)|dropped: not declared by the policy|3|1|2026-05",
        "Options|rewritten or left out by a redaction rule|1|1|2026-05",
    ];
    assert_eq!(rows(&figure, 5), expected);
}
