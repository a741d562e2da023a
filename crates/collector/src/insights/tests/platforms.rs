//! Operating systems, databases, devices, and who a new minimum would affect.

use super::{ask, base};
use crate::insights::fixture::{Fixture, rows, view};
use crate::insights::{Coverage, figures, what_if};

/// Six installations, in every state that a fact can be in.
fn platforms_base() -> Fixture {
    let fixture = Fixture::new();
    for (number, letter) in (1..).zip("ABCDEFG".chars()) {
        fixture.installation(number, letter, Some(&format!("{letter}0")), Some(&format!("Town {letter}")));
    }
    let report = |number: i64| fixture.report(number, "2026-05-01", "Web", "2015");
    // Said by an installer a year ago, and not since; the monthly report says that the installation is still there.
    fixture.report(1, "2025-05-01", "Web", "2014").text("os_version", "Windows Server 2008 R2");
    report(1);
    report(2).text("os_version", "Windows Server 2012");
    report(3).text("os_version", "Windows Server 2012 R2");
    report(4).text("os_version", "Debian GNU/Linux 12");
    report(5).state("os_version", "withheld", None);
    report(6).state("os_version", "not-measured", Some("failed"));
    report(7);
    fixture
}

fn platform_coverage() -> Coverage {
    Coverage { known: 4, reporting: 7, withheld: 1, not_measured: 1, ..Coverage::default() }
}

#[test]
fn a_platform_holds_while_its_installation_is_heard_from() {
    let figure = ask(&platforms_base(), figures::OPERATING_SYSTEMS, &[("from", "2026-04")]);
    // In April nobody was heard from: nothing is known of it.
    let expected = [
        "Debian GNU/Linux 12|0.2500|1|",
        "Windows Server 2008 R2|0.2500|1|",
        "Windows Server 2012|0.2500|1|",
        "Windows Server 2012 R2|0.2500|1|",
    ];
    assert_eq!(rows(&figure, 4), expected);
    assert_eq!(figure.coverage, Some(platform_coverage()));
    assert_eq!(figure.coverage.unwrap().unsaid(), 1);
}

#[test]
fn a_minimum_affects_those_who_run_something_older_of_the_same_family() {
    let fixture = platforms_base();
    let figure = ask(&fixture, figures::WHAT_IF, &[("require", "os:Windows Server 2012 R2")]);
    assert_eq!(
        rows(&figure, 3),
        ["Town A|AAAAAAAA…|Windows Server 2008 R2", "Town B|BBBBBBBB…|Windows Server 2012"]
    );
    assert_eq!(
        figure.answer,
        "If we required at least Windows Server 2012 R2, 2 customers (2 installations) would be affected; 1 installation \
         meets it already; 1 installation runs something that cannot be compared with it; what 3 installations run is not \
         known."
    );
    assert_eq!(figure.coverage, Some(platform_coverage()));
}

#[test]
fn a_minimum_of_the_product_goes_by_the_order_of_releases() {
    let fixture = base();
    let affected = |minimum: &str| {
        let figure = ask(&fixture, figures::WHAT_IF, &[("require", &format!("product:acme:{minimum}"))]);
        rows(&figure, 1)
    };
    // A runs 2015, C runs 2014; B is silent and nobody can say what it runs.
    assert_eq!(affected("2015"), [format!("Installation {}…", "C".repeat(8))]);
    assert_eq!(affected("2014r2"), affected("2015"));
    assert!(affected("2014").is_empty());
}

#[test]
fn what_can_be_required_is_what_somebody_runs() {
    let fixture = platforms_base();
    let view = view(&[]);
    let found = what_if::requirements(&fixture.reader(), &view).unwrap();
    let shown: Vec<Vec<String>> =
        found.into_iter().map(|one| one.minima.into_iter().map(|(_, shown)| shown).collect()).collect();
    let systems =
        ["Debian GNU/Linux 12", "Windows Server 2008 R2", "Windows Server 2012", "Windows Server 2012 R2"];
    assert_eq!(shown, [systems.map(str::to_owned).to_vec(), vec!["2015".to_owned()]]);
}

#[test]
fn a_database_is_its_product_and_its_version() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.installation(2, 'B', None, None);
    let report = |number: i64, product: &str, version: &str| {
        fixture
            .report(number, "2026-05-01", "Web", "2015")
            .text("database_product", product)
            .text("database_version", version);
    };
    report(1, "PostgreSQL", "15.4");
    report(2, "SQLite", "3.45.1");
    let figure = ask(&fixture, figures::DATABASES, &[]);
    assert_eq!(rows(&figure, 2), ["PostgreSQL 15|0.5000", "SQLite 3|0.5000"]);
    let figure = ask(&fixture, figures::WHAT_IF, &[("require", "database:PostgreSQL 15.18")]);
    assert_eq!(rows(&figure, 3).len(), 1, "{figure:?}");
}

#[test]
fn devices_that_are_gone_are_not_counted() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    let tablet = r#"{"model":"Tablet","os_version":"17","count":5}"#;
    fixture.report(1, "2026-03-10", "Web", "2015").devices(tablet, 5.0);
    assert_eq!(rows(&ask(&fixture, figures::DEVICES, &[]), 3), ["Tablet|17|5"]);
    fixture.report(1, "2026-04-10", "Web", "2015").state("devices", "none", None);
    let figure = ask(&fixture, figures::DEVICES, &[]);
    assert!(figure.table.rows.is_empty(), "{:?}", figure.table.rows);
    assert_eq!(figure.coverage.unwrap().known, 1, "that there is none is known");
}

#[test]
fn devices_are_added_up_by_what_describes_them() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.installation(2, 'B', None, None);
    let tablet = r#"{"model":"Tablet 9","os_version":"12","count":3}"#;
    fixture.report(1, "2026-05-01", "Web", "2015").devices(tablet, 3.0);
    fixture
        .report(2, "2026-05-01", "Web", "2015")
        .devices(&tablet.replace('3', "4"), 4.0)
        .devices(r#"{"model":"Phone","os_version":"18","count":1}"#, 1.0);
    let figure = ask(&fixture, figures::DEVICES, &[]);
    assert_eq!(rows(&figure, 4), ["Tablet 9|12|7|2", "Phone|18|1|1"]);
    assert_eq!(
        figure.answer,
        "8 devices at 2 installations; the most common model is Tablet 9: 7 (88\u{a0}%)."
    );
}

#[test]
fn what_could_not_be_measured_takes_no_value_away_and_ends_a_rule_that_withholds() {
    let fixture = Fixture::new();
    let tablet = r#"{"model":"Tablet","count":5}"#;
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-03-10", "Web", "2015").text("database_edition", "Standard").devices(tablet, 5.0);
    fixture.installation(2, 'B', None, None);
    fixture.report(2, "2026-03-10", "Web", "2015").state("database_edition", "withheld", None);
    for (number, day) in [(1, "2026-04-10"), (2, "2026-04-10"), (1, "2026-05-10")] {
        fixture
            .report(number, day, "Web", "2015")
            .state("database_edition", "not-measured", Some("not-configured"))
            .state("devices", "not-measured", Some("unreachable"));
    }
    let figure = ask(&fixture, figures::DATABASE_EDITIONS, &[("from", "2026-04")]);
    assert_eq!(rows(&figure, 4), ["Standard|1.0000|1|1"]);
    assert_eq!(
        figure.coverage,
        Some(Coverage { known: 1, reporting: 2, withheld: 0, not_measured: 1, ..Coverage::default() })
    );
    assert_eq!(rows(&ask(&fixture, figures::DEVICES, &[]), 2), ["Tablet|5"]);
    fixture.report(1, "2026-05-12", "Web", "2015").state("database_edition", "withheld", None);
    let figure = ask(&fixture, figures::DATABASE_EDITIONS, &[("from", "2026-04")]);
    assert_eq!(figure.coverage.unwrap().withheld, 1, "a rule ends what was known");
}

/// Installations whose databases call themselves so, by product and version.
fn databases(said: &[(&str, &str)]) -> Fixture {
    let fixture = Fixture::new();
    for (number, (product, version)) in (1..).zip(said) {
        fixture.installation(number, char::from(b'A' + number as u8), None, None);
        fixture
            .report(number, "2026-05-01", "Web", "2015")
            .text("database_product", product)
            .text("database_version", version);
    }
    fixture
}

#[test]
fn a_band_is_named_as_the_versions_in_it_and_no_two_share_one() {
    let fixture = databases(&[
        ("SQL Server", "2008 R2"),
        ("Microsoft SQL Server", "10.50.4000"),
        ("SQL Server", "2008"),
        ("SQL Server", "2012"),
    ]);
    let figure = ask(&fixture, figures::DATABASES, &[]);
    assert_eq!(
        rows(&figure, 3),
        ["SQL Server 2008 R2|0.5000|2", "SQL Server 2008|0.2500|1", "SQL Server 2012|0.2500|1"]
    );
    let minima = what_if::requirements(&fixture.reader(), &view(&[])).unwrap();
    let minima: Vec<&str> = minima[0].minima.iter().map(|(_, shown)| shown.as_str()).collect();
    assert_eq!(minima, ["SQL Server 2008", "SQL Server 2008 R2", "SQL Server 2012"]);
    let affected = ask(&fixture, figures::WHAT_IF, &[("require", "database:SQL Server 2012")]);
    assert_eq!(affected.table.rows.len(), 3);
}

#[test]
fn the_releases_of_a_database_with_letters_are_lines_of_their_own() {
    let fixture = databases(&[("Oracle", "11g"), ("Oracle Database", "12c"), ("Oracle", "12c R2")]);
    assert_eq!(
        rows(&ask(&fixture, figures::DATABASES, &[]), 1),
        ["Oracle 11g", "Oracle 12c", "Oracle 12c R2"]
    );
}

#[test]
fn a_minimum_nobody_is_known_to_meet_or_miss_says_so() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.report(1, "2026-05-01", "Web", "2015").state("os_version", "withheld", None);
    let figure = ask(&fixture, figures::WHAT_IF, &[("require", "os:Windows Server 2022")]);
    assert_eq!(
        figure.answer,
        "If we required at least Windows Server 2022, nobody can tell who would be affected: what 1 installation runs is \
         not known."
    );
    assert_eq!(figure.empty, "No installation is known to run anything older.");
}

#[test]
fn devices_that_are_equally_common_are_named_together() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture
        .report(1, "2026-05-01", "Web", "2015")
        .devices(r#"{"model":"Tablet","count":2}"#, 2.0)
        .devices(r#"{"model":"Phone","count":2}"#, 2.0);
    assert_eq!(
        ask(&fixture, figures::DEVICES, &[]).answer,
        "4 devices at 1 installation; Phone and Tablet are equally common, each: 2 (50\u{a0}%)."
    );
}

#[test]
fn a_chart_that_shows_some_of_the_models_says_of_how_many() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    let report = fixture.report(1, "2026-05-01", "Web", "2015");
    drop((0..13).fold(report, |report, number| {
        report.devices(&format!(r#"{{"model":"Model {number}","count":1}}"#), 1.0)
    }));
    let figure = ask(&fixture, figures::DEVICES, &[]);
    assert!(
        figure.caption.ends_with("The chart shows the 12 most common of 13 models."),
        "{}",
        figure.caption
    );
    assert!(figure.answer.contains("13 models are equally common, each: 1"), "{}", figure.answer);
}
