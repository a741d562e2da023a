//! Customers, and the history of one of them.

use super::{ask, base};
use crate::insights::customers;
use crate::insights::fixture::{Fixture, rows};

#[test]
fn customers_are_listed_by_name_number_or_pseudonym() {
    let fixture = base();
    let figure = ask(&fixture, customers::customers, &[]);
    let pseudonym = format!("Installation {}…||1|2014|2026-05-12|reporting", "C".repeat(8));
    let expected =
        ["Town of A|100|1|2015|2026-05-10|reporting", "200|200|1|7.60|2026-01-20|silent", pseudonym.as_str()];
    assert_eq!(rows(&figure, 6), expected);
    assert_eq!(rows(&ask(&fixture, customers::customers, &[("search", "town")]), 1), ["Town of A"]);
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
    let figure = ask(&fixture, customers::facts, &[("customer", "100")]);
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
        rows(&ask(&fixture, customers::facts, &asked), 4)
    };
    assert_eq!(of("Web"), ["Operating system|Windows Server 2012|2026-03-01|2026-03-01"]);
    assert_eq!(of("Mobile"), ["Operating system|Windows Server 2022|2026-04-01|2026-04-01"]);
}

#[test]
fn a_customer_that_fell_silent_before_the_first_month_is_listed_and_the_page_says_so() {
    let figure = ask(&base(), customers::customers, &[("from", "2026-05")]);
    assert_eq!(rows(&figure, 1).len(), 3);
    assert!(figure.caption.starts_with("Everybody who ever reported up to 2026-05, the silent ones too"));
    assert!(!figure.answer.contains("these months"), "{}", figure.answer);
}

#[test]
fn a_customers_versions_are_spans() {
    let figure = ask(&base(), customers::version_history, &[("customer", "100")]);
    assert_eq!(rows(&figure, 4), ["Web|2015|2026-05-10|2026-05-10", "Web|2014r2|2026-01-10|2026-03-10"]);
}
