//! Insights over real columns in memory, filled by hand: small numbers that can be counted on paper.

use super::fixture::{Fixture, rows};
use super::{
    Coverage, Figure, View, customers, devices, growth, installed_base, losses, module_customers, modules,
    platforms, setting, settings, what_if,
};

fn ask(fixture: &Fixture, insight: super::Insight, parameters: &[(&str, &str)]) -> Figure {
    insight(&fixture.connection, &fixture.view(parameters)).unwrap()
}

/// Three installations: A reports until now, B fell silent in January, C is new in May and has no name.
fn base() -> Fixture {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), Some("Town of A"));
    fixture.installation(2, 'B', Some("200"), None);
    fixture.installation(3, 'C', None, None);
    fixture.report(1, "2026-01-10", "Web", "2014r2");
    fixture.report(1, "2026-03-10", "Web", "2014r2");
    fixture.report(1, "2026-05-10", "Web", "2015");
    fixture.report(2, "2026-01-20", "Web", "7.60");
    fixture.report(3, "2026-05-12", "Mobile", "2014");
    fixture
}

#[test]
fn who_reports_who_is_new_and_who_is_silent() {
    let fixture = base();
    let figure = ask(&fixture, installed_base::reporting, &[("from", "2026-01")]);
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
    let figure = ask(&fixture, installed_base::reporting, &[("from", "2026-04")]);
    assert_eq!(rows(&figure, 5), ["2026-05|0|0|1|1", "2026-04|0|0|0|1"]);
}

#[test]
fn versions_stand_in_the_order_of_releases_and_hold_between_reports() {
    let figure = ask(&base(), installed_base::versions, &[("from", "2026-03")]);
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
        let figure = ask(&fixture, installed_base::reporting, parameters);
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
    let figure = ask(&base(), installed_base::last_reports, &[]);
    let shown = rows(&figure, 7).join("\n");
    assert!(shown.contains("2026-05-12 12:00:00|2026-05-12|CCCCCCCC…|Mobile|2014|batch|acme 1.0"), "{shown}");
    assert!(!shown.contains("Town of A") && !shown.contains("100"), "{shown}");
}

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

const PLATFORM_COVERAGE: Coverage = Coverage { known: 4, reporting: 7, withheld: 1, not_measured: 1 };

#[test]
fn a_platform_holds_while_its_installation_is_heard_from() {
    let figure = ask(&platforms_base(), platforms::operating_systems, &[("from", "2026-04")]);
    let expected = [
        "Debian GNU/Linux 12|0.2500|1|0",
        "Windows Server 2008 R2|0.2500|1|0",
        "Windows Server 2012|0.2500|1|0",
        "Windows Server 2012 R2|0.2500|1|0",
    ];
    assert_eq!(rows(&figure, 4), expected);
    assert_eq!(figure.coverage, Some(PLATFORM_COVERAGE));
    assert_eq!(figure.coverage.unwrap().unsaid(), 1);
}

#[test]
fn a_minimum_affects_those_who_run_something_older_of_the_same_family() {
    let fixture = platforms_base();
    let figure = ask(&fixture, what_if::what_if, &[("require", "os:Windows Server 2012 R2")]);
    assert_eq!(
        rows(&figure, 3),
        ["Town A|AAAAAAAA…|Windows Server 2008 R2", "Town B|BBBBBBBB…|Windows Server 2012"]
    );
    assert_eq!(
        figure.answer,
        "If we required at least Windows Server 2012 R2, 2 customers (2 installations) would be affected; 1 installation \
         meets it already; 1 installation runs something that cannot be compared with it."
    );
    assert_eq!(figure.coverage, Some(PLATFORM_COVERAGE));
}

#[test]
fn a_minimum_of_the_product_goes_by_the_order_of_releases() {
    let fixture = base();
    let affected = |minimum: &str| {
        let figure = ask(&fixture, what_if::what_if, &[("require", &format!("product:acme:{minimum}"))]);
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
    let view = fixture.view(&[]);
    let found = what_if::requirements(&fixture.connection, &view).unwrap();
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
    let figure = ask(&fixture, platforms::databases, &[]);
    assert_eq!(rows(&figure, 2), ["PostgreSQL 15|0.5000", "SQLite 3|0.5000"]);
    let figure = ask(&fixture, what_if::what_if, &[("require", "database:PostgreSQL 15.18")]);
    assert_eq!(rows(&figure, 3).len(), 1, "{figure:?}");
}

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
    let figure = ask(&modules_base(), modules::modules, &[("from", "2026-01")]);
    // Module, active, only records, empty, known, records, growth: 200 at both ends of the chain against 160.
    assert_eq!(rows(&figure, 7), ["ORDERS|1|2|1|4|1200|0.2500", "ASSETS|0|1|0|1|5|0.0000"]);
    assert_eq!(
        figure.answer,
        "ORDERS is used most: its records grew at 1 of 4 installations within 3 months. Of 2 modules, 1 is actively used \
         nowhere."
    );
    assert_eq!(figure.coverage, Some(Coverage { known: 4, reporting: 5, withheld: 1, not_measured: 0 }));
}

#[test]
fn growth_leaves_out_who_comes() {
    let figure = ask(&modules_base(), growth::growth, &[("from", "2026-01")]);
    assert_eq!(
        rows(&figure, 8),
        ["ORDERS|0.2500|4|125.0|118.8|112.5|106.2|100.0", "ASSETS|0.0000|1|100.0|100.0|100.0|100.0|100.0"]
    );
    assert_eq!(figure.answer, "ORDERS grew most: +25\u{a0}%, at 4 installations by now. None shrank.");
}

#[test]
fn a_module_leads_to_its_customers_the_active_ones_first() {
    let asked = [("policy", "acme"), ("metric", "record_counts"), ("key", "ORDERS")];
    let figure = ask(&modules_base(), module_customers::module_customers, &asked);
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
    let figure = ask(&fixture, modules::modules, &[]);
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
    assert_eq!(rows(&ask(&fixture, modules::modules, &[]), 1), ["ORDERS"], "ASSETS is no longer counted");
    for state in ["withheld", "not-measured", "none"] {
        let fixture = counted();
        fixture.report(1, "2026-05-10", "Web", "2015").state("record_counts", state, None);
        assert!(rows(&ask(&fixture, modules::modules, &[]), 1).is_empty(), "{state}");
    }
}

#[test]
fn devices_that_are_gone_are_not_counted() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    let tablet = r#"{"model":"Tablet","os_version":"17","count":5}"#;
    fixture.report(1, "2026-03-10", "Web", "2015").devices(tablet, 5.0);
    assert_eq!(rows(&ask(&fixture, devices::devices, &[]), 3), ["Tablet|17|5"]);
    fixture.report(1, "2026-04-10", "Web", "2015").state("devices", "none", None);
    let figure = ask(&fixture, devices::devices, &[]);
    assert!(figure.table.rows.is_empty(), "{:?}", figure.table.rows);
    assert_eq!(figure.coverage.unwrap().known, 1, "that there is none is known");
}

/// One setting in every state, over seven installations.
fn settings_base() -> Fixture {
    let fixture = Fixture::new();
    let states = [
        ("value", Some("fast")),
        ("value", Some("fast")),
        ("value", Some("slow")),
        ("value", Some("")),
        ("unset", None),
        ("in-use", None),
    ];
    for (number, (state, text)) in (1..).zip(states) {
        let letter = char::from(b'A' + number as u8);
        fixture.installation(number, letter, None, None);
        // What was set before does not count any more.
        fixture.report(number, "2026-03-01", "Web", "2015").setting("WKOPTIONS.MODE", "value", Some("old"));
        fixture.report(number, "2026-05-01", "Web", "2015").setting("WKOPTIONS.MODE", state, text);
    }
    fixture.installation(7, 'X', None, None);
    fixture.report(7, "2026-05-01", "Web", "2015").state("options", "withheld", None);
    fixture.installation(8, 'Y', None, None);
    fixture.report(8, "2026-05-01", "Web", "2015").state("options", "not-measured", Some("locked"));
    fixture
}

#[test]
fn every_state_of_a_setting_is_counted_apart() {
    let figure = ask(&settings_base(), settings::settings, &[]);
    // Setting, known, values, how, in use, empty, unset, withheld, not measured.
    assert_eq!(
        rows(&figure, 9),
        ["WKOPTIONS.MODE|6|2|fast 2 · slow 1 · (in use) 1 · (empty) 1 · (unset) 1|1|1|1|1|1"]
    );
    assert_eq!(figure.coverage, Some(Coverage { known: 6, reporting: 8, withheld: 1, not_measured: 1 }));
}

#[test]
fn a_setting_is_found_by_its_name_in_either_case() {
    let fixture = settings_base();
    assert_eq!(rows(&ask(&fixture, settings::settings, &[("search", "options.mo")]), 1), ["WKOPTIONS.MODE"]);
    assert!(rows(&ask(&fixture, settings::settings, &[("search", "colour")]), 1).is_empty());
}

#[test]
fn one_setting_shows_all_its_values_and_its_own_coverage() {
    let asked = [("policy", "acme"), ("metric", "options"), ("key", "WKOPTIONS.MODE")];
    let figure = ask(&settings_base(), setting::setting, &asked);
    let expected =
        ["fast|2|0.3333", "slow|1|0.1667", "(in use)|1|0.1667", "(empty)|1|0.1667", "(unset)|1|0.1667"];
    assert_eq!(rows(&figure, 3), expected);
    assert_eq!(figure.coverage, Some(Coverage { known: 6, reporting: 8, withheld: 1, not_measured: 1 }));
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
    let figure = ask(&fixture, devices::devices, &[]);
    assert_eq!(rows(&figure, 4), ["Tablet 9|12|7|2", "Phone|18|1|1"]);
    assert_eq!(
        figure.answer,
        "8 devices at 2 installations; the most common model is Tablet 9: 7 (88\u{a0}%)."
    );
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
    let figure = ask(&fixture, losses::losses, &[]);
    let expected = [
        "(declared by no policy)|dropped: not declared by the policy|3|1|2026-05",
        "Options|rewritten or left out by a redaction rule|1|1|2026-05",
    ];
    assert_eq!(rows(&figure, 5), expected);
}

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

#[test]
fn an_empty_store_answers_every_question() {
    let fixture = Fixture::new();
    let view = View { ..fixture.view(&[("require", "os:Windows 10"), ("search", "x")]) };
    for entry in super::FIGURES {
        let figure = (entry.insight)(&fixture.connection, &view).unwrap();
        assert!(figure.table.rows.is_empty(), "{}", entry.name);
        assert!(!figure.answer.is_empty() && figure.chart.is_none(), "{}", entry.name);
        assert_eq!(figure.name, entry.name);
    }
}
