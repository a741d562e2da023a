//! Customers, and the history of one of them.

use super::{ask, base};
use crate::insights::fixture::{Fixture, rows};
use crate::insights::{Coverage, figures};

#[test]
fn customers_are_listed_by_name_number_or_pseudonym() {
    let fixture = base();
    let figure = ask(&fixture, figures::CUSTOMERS, &[]);
    let pseudonym = format!("Installation {}…||1|2014|2026-05-12|reporting", "C".repeat(8));
    let expected =
        ["Town of A|100|1|2015|2026-05-10|reporting", "200|200|1|7.60|2026-01-20|silent", pseudonym.as_str()];
    assert_eq!(rows(&figure, 6), expected);
    assert_eq!(rows(&ask(&fixture, figures::CUSTOMERS, &[("search", "town")]), 1), ["Town of A"]);
}

#[test]
fn a_fact_holds_since_it_last_changed() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    let said = |day: &str, system: &str| {
        fixture.report(1, day, "Web", "2015").text("os_version", system);
    };
    said("2026-01-01", "Windows Server 2012");
    said("2026-02-01", "Windows Server 2022");
    said("2026-03-01", "Windows Server 2022");
    fixture.report(1, "2026-04-01", "Web", "2015").state("database_version", "withheld", None);
    fixture.report(1, "2026-04-01", "Web", "2015").state(
        "database_edition",
        "not-measured",
        Some("access-denied"),
    );
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]);
    let expected = [
        "Database edition|not measured: access denied|2026-04-01|2026-04-01",
        "Database version|withheld|2026-04-01|2026-04-01",
        "Operating system|Windows Server 2022|2026-02-01|2026-03-01",
    ];
    assert_eq!(rows(&figure, 4), expected);
    assert_eq!(
        figure.answer,
        "1 fact is known. Its own rules withhold Database version; 1 could not be measured."
    );
}

#[test]
fn facts_are_those_of_the_product_that_is_asked_for() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture.report(1, "2026-03-01", "Web", "2015").text("os_version", "Windows Server 2012");
    fixture.report(1, "2026-04-01", "Mobile", "2015").text("os_version", "Windows Server 2022");
    let of = |product: &str| {
        let asked = [("customer", "100"), ("product", product)];
        rows(&ask(&fixture, figures::CUSTOMER_FACTS, &asked), 4)
    };
    assert_eq!(of("Web"), ["Operating system|Windows Server 2012|2026-03-01|2026-03-01"]);
    assert_eq!(of("Mobile"), ["Operating system|Windows Server 2022|2026-04-01|2026-04-01"]);
}

#[test]
fn a_customer_that_fell_silent_before_the_first_month_is_listed_and_the_page_says_so() {
    let figure = ask(&base(), figures::CUSTOMERS, &[("from", "2026-05")]);
    assert_eq!(rows(&figure, 1).len(), 3);
    assert!(figure.caption.starts_with("Everybody who ever reported up to 2026-05, the silent ones too"));
    assert!(!figure.answer.contains("these months"), "{}", figure.answer);
}

#[test]
fn a_customers_versions_are_spans() {
    let figure = ask(&base(), figures::CUSTOMER_VERSIONS, &[("customer", "100")]);
    assert_eq!(rows(&figure, 4), ["Web|2015|2026-05-10|2026-05-10", "Web|2014r2|2026-01-10|2026-03-10"]);
}

fn facts_of(fixture: &Fixture) -> Vec<String> {
    rows(&ask(fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]), 5)
}

#[test]
fn the_newest_report_that_speaks_of_a_metric_wins() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    let withholding =
        fixture.report(1, "2026-04-01", "Web", "2015").text("os_version", "Windows Server 2012");
    let metrics = ["devices", "record_counts", "options", "address"];
    metrics.into_iter().fold(withholding, |report, metric| report.state(metric, "withheld", None));
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]);
    assert_eq!(
        figure.answer,
        "1 fact is known. Its own rules withhold Address, Devices, Options and Record counts."
    );
    // Now granted in full: values come under keys and as rows, and of the address no report says anything.
    fixture
        .report(1, "2026-05-01", "Web", "2015")
        .text("os_version", "Windows Server 2012")
        .records("ORDERS", 7.0)
        .setting("WKOPTIONS.MODE", "value", Some("fast"))
        .devices(r#"{"model":"Tablet","count":5}"#, 5.0);
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]);
    assert_eq!(rows(&figure, 4), ["Operating system|Windows Server 2012|2026-04-01|2026-05-01"]);
    assert_eq!(figure.answer, "1 fact is known. Its own rules withhold nothing.");
}

#[test]
fn what_waits_to_be_accepted_is_no_refusal() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    let report = fixture.report(1, "2026-04-01", "Web", "2015").state("options", "withheld", None);
    report.state("devices", "withheld", Some("held"));
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]);
    assert_eq!(
        figure.answer,
        "0 facts are known. Its own rules withhold Options; to be accepted there: Devices."
    );
    assert_eq!(
        facts_of(&fixture),
        ["Devices|held|2026-04-01|2026-04-01|", "Options|withheld|2026-04-01|2026-04-01|"]
    );
}

#[test]
fn a_metric_that_could_not_be_measured_is_no_longer_withheld() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture.report(1, "2026-04-01", "Web", "2015").state("options", "withheld", None);
    fixture.report(1, "2026-05-01", "Web", "2015").state("options", "not-measured", Some("unreachable"));
    assert_eq!(
        facts_of(&fixture),
        ["Options|not measured: unreachable|2026-05-01|2026-05-01|2026-05-01: unreachable"]
    );
}

#[test]
fn an_address_stays_withheld_until_a_source_that_gathers_it_reports_without_withholding_it() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture.report(1, "2026-04-01", "Web", "2015").state("address", "withheld", None);
    fixture.report_of("installer", 1, "2026-04-10", "Web", "2015");
    assert_eq!(
        facts_of(&fixture),
        ["Address|withheld|2026-04-01|2026-04-01|"],
        "an installer does not gather it"
    );
    fixture.report(1, "2026-05-01", "Web", "2015").state("address", "withheld", None);
    assert_eq!(facts_of(&fixture), ["Address|withheld|2026-04-01|2026-05-01|"]);
    fixture.report(1, "2026-05-02", "Web", "2015");
    assert!(facts_of(&fixture).is_empty());
}

#[test]
fn a_newer_report_ends_what_could_not_be_measured() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    let report = fixture.report(1, "2026-04-01", "Web", "2015");
    let metrics = ["devices", "record_counts", "options"];
    metrics
        .into_iter()
        .fold(report, |report, metric| report.state(metric, "not-measured", Some("unreachable")));
    assert_eq!(
        facts_of(&fixture),
        ["Devices", "Options", "Record counts"].map(|title| format!(
            "{title}|not measured: unreachable|2026-04-01|2026-04-01|2026-04-01: unreachable"
        ))
    );
    fixture
        .report(1, "2026-05-01", "Web", "2015")
        .records("ORDERS", 7.0)
        .setting("WKOPTIONS.MODE", "value", Some("fast"))
        .devices(r#"{"model":"Tablet","count":5}"#, 5.0);
    assert!(facts_of(&fixture).is_empty(), "{:?}", facts_of(&fixture));
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]);
    assert_eq!(
        figure.answer,
        "All that this customer reports comes in parts, such as its modules and settings."
    );
    fixture.installation(2, 'B', Some("200"), None);
    fixture.report(2, "2026-05-01", "Web", "2015");
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "200")]);
    assert_eq!(figure.answer, "This customer has reported no facts.");
}

#[test]
fn a_try_that_failed_stands_beside_the_last_value() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture
        .report(1, "2026-03-01", "Web", "2015")
        .text("database_edition", "Standard")
        .records("ORDERS", 7.0)
        .records("ASSETS", 3.0)
        .setting("WKOPTIONS.MODE", "value", Some("fast"));
    fixture
        .report(1, "2026-04-01", "Web", "2015")
        .state("database_edition", "not-measured", Some("not-configured"))
        .state("options", "not-measured", Some("unreachable"))
        .records("ORDERS", 8.0)
        .missing("record_counts", "ASSETS", "table-missing");
    assert_eq!(
        facts_of(&fixture),
        [
            "Database edition|Standard|2026-03-01|2026-03-01|2026-04-01: not configured",
            "Options|in parts|2026-03-01|2026-03-01|2026-04-01: unreachable",
            "Record counts: ASSETS|3|2026-03-01|2026-03-01|2026-04-01: table missing",
        ]
    );
    let figure = ask(&fixture, figures::CUSTOMER_FACTS, &[("customer", "100")]);
    assert_eq!(figure.answer, "3 facts are known. Its own rules withhold nothing; 3 could not be measured.");
    assert!(!figure.caption.contains("its site tried"), "nobody tries what is not configured");
}

/// Two installations of one customer: both count until March; in April one is unreachable, and the other's table is missing.
fn counts_base() -> Fixture {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture.installation(2, 'B', Some("100"), None);
    fixture.report(1, "2026-03-10", "Web", "2015").records("ORDERS", 100.0).records("ASSETS", 5.0);
    fixture.report(2, "2026-03-10", "Web", "2015").records("ORDERS", 40.0).records("ASSETS", 2.0);
    fixture.report(1, "2026-04-10", "Web", "2015").state(
        "record_counts",
        "not-measured",
        Some("unreachable"),
    );
    fixture.report(2, "2026-04-10", "Web", "2015").records("ASSETS", 3.0).missing(
        "record_counts",
        "ORDERS",
        "table-missing",
    );
    fixture
}

#[test]
fn what_was_not_measured_is_no_collapse() {
    let fixture = counts_base();
    fixture.report(1, "2026-05-10", "Web", "2015").records("ORDERS", 110.0).records("ASSETS", 5.0);
    let figure = ask(&fixture, figures::CUSTOMER_MODULES, &[("customer", "100"), ("from", "2026-03")]);
    // May, April, March.
    assert_eq!(rows(&figure, 4), ["ORDERS|150|140|140", "ASSETS|8|8|7"]);
    assert_eq!(figure.coverage, Some(Coverage { known: 2, reporting: 2, ..Coverage::default() }));
}

#[test]
fn a_rule_that_withholds_and_a_table_that_is_gone_end_what_stood() {
    let fixture = counts_base();
    fixture.report(1, "2026-05-10", "Web", "2015").state("record_counts", "withheld", None);
    fixture.report(2, "2026-05-10", "Web", "2015").records("ASSETS", 3.0);
    let figure = ask(&fixture, figures::CUSTOMER_MODULES, &[("customer", "100"), ("from", "2026-03")]);
    assert_eq!(rows(&figure, 4), ["ASSETS|3|8|7", "ORDERS||140|140"]);
    assert_eq!(
        figure.coverage,
        Some(Coverage { known: 1, reporting: 2, withheld: 1, not_measured: 0, ..Coverage::default() })
    );
}
