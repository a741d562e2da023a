//! Who is silent: said so with the day, and with what stood then; never zero, and never what holds now.

use super::{Figure, ask};
use crate::insights::figures;
use crate::insights::figures::Declaration;
use crate::insights::fixture::{Fixture, rows};

/// Customer 100 has A, which reports, and B, which fell silent; of 200, C is all there is, and silent.
fn silent_base() -> Fixture {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture.installation(2, 'B', Some("100"), None);
    fixture.installation(3, 'C', Some("200"), None);
    let say = |installation: i64, day: &str, orders: f64| {
        fixture
            .report(installation, day, "Web", "2015")
            .records("ORDERS", orders)
            .records("ASSETS", 5.0)
            .text("os_version", "Windows Server 2012")
            .text("database_edition", "Standard")
            .setting("WKOPTIONS.MODE", "value", Some("fast"));
    };
    say(1, "2026-01-10", 100.0);
    say(1, "2026-03-10", 100.0);
    say(1, "2026-05-10", 150.0);
    say(2, "2026-01-20", 40.0);
    say(3, "2026-01-20", 60.0);
    fixture
}

fn of(fixture: &Fixture, declared: Declaration, customer: &str, from: &str) -> Figure {
    ask(fixture, declared, &[("customer", customer), ("from", from)])
}

#[test]
fn a_silent_customers_modules_say_since_when_and_what_stood_then() {
    let fixture = silent_base();
    let figure = of(&fixture, figures::CUSTOMER_MODULES, "200", "2026-01");
    assert_eq!(
        figure.answer,
        "When it was last heard from, on 2026-01-20, ORDERS was the largest of 2 modules: 60 records. It is silent: nothing \
         has been heard since 2026-01-20."
    );
    // Module, what silent installations said last, then May, April, March, February, January.
    assert_eq!(rows(&figure, 7), ["ORDERS|60|||60|60|60", "ASSETS|5|||5|5|5"]);
    // Also where the months that are shown begin after it fell silent.
    let later = of(&fixture, figures::CUSTOMER_MODULES, "200", "2026-05");
    assert_eq!(later.answer, figure.answer);
    assert_eq!(rows(&later, 3), ["ORDERS|60|", "ASSETS|5|"]);
    assert!(later.chart.is_none());
}

#[test]
fn one_silent_installation_of_several_is_no_collapse() {
    let figure = of(&silent_base(), figures::CUSTOMER_MODULES, "100", "2026-03");
    assert_eq!(
        figure.answer,
        "ORDERS is the largest of 2 modules: 150 records in 2026-05. 1 of 2 installations is silent: nothing has been heard \
         there since 2026-01-20."
    );
    // Module, silent, May, April, March.
    assert_eq!(rows(&figure, 5), ["ORDERS|40|150|100|140", "ASSETS|5|5|5|10"]);
}

#[test]
fn who_comes_back_is_not_silent() {
    let fixture = silent_base();
    fixture.report(3, "2026-05-12", "Web", "2015").records("ORDERS", 61.0);
    let figure = of(&fixture, figures::CUSTOMER_MODULES, "200", "2026-03");
    assert_eq!(figure.answer, "ORDERS is the only module known: 61 records in 2026-05.");
    assert_eq!(rows(&figure, 4), ["ORDERS|61||60", "ASSETS|||5"]);
}

#[test]
fn an_application_that_fell_silent_beside_another_is_silent_where_it_is_asked_for() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', Some("100"), None);
    fixture.report(1, "2026-01-20", "Mobile", "2015").records("ORDERS", 7.0);
    fixture.report(1, "2026-05-10", "Web", "2015").records("ASSETS", 3.0);
    let asked = [("customer", "100"), ("product", "Mobile")];
    let figure = ask(&fixture, figures::CUSTOMER_MODULES, &asked);
    assert!(
        figure.answer.starts_with("When it was last heard from, on 2026-01-20, ORDERS was"),
        "{}",
        figure.answer
    );
    let figure = ask(&fixture, figures::CUSTOMER_MODULES, &[("customer", "100")]);
    assert_eq!(figure.answer, "ASSETS is the only module known: 3 records in 2026-05.");
}

#[test]
fn a_modules_page_lists_who_is_silent_with_what_stood_then() {
    let fixture = silent_base();
    let asked = [("policy", "acme"), ("metric", "record_counts"), ("key", "ORDERS")];
    let figure = ask(&fixture, figures::MODULE_CUSTOMERS, &asked);
    assert_eq!(
        rows(&figure, 7),
        [
            "100|AAAAAAAA…|Actively used|150|100|0.5000|2026-05-10",
            "200|CCCCCCCC…|Silent|60|||2026-01-20",
            "100|BBBBBBBB…|Silent|40|||2026-01-20",
        ]
    );
    assert_eq!(
        figure.answer,
        "1 customer actively uses ORDERS; 0 only have records of it, at 0 it is empty, 2 are silent."
    );
    let asked = [asked.as_slice(), &[("customer", "200")]].concat();
    assert_eq!(
        ask(&fixture, figures::MODULE_CUSTOMERS, &asked).answer,
        "Only silent installations had ORDERS: 1 customer, last heard from on 2026-01-20."
    );
}

#[test]
fn modules_count_silent_installations_apart() {
    let figure = ask(&silent_base(), figures::MODULES, &[("customer", "200")]);
    // Module, active, only records, empty, too new, known, silent, records.
    assert_eq!(rows(&figure, 8), ["ASSETS|0|0|0|0|0|1|", "ORDERS|0|0|0|0|0|1|"]);
    assert_eq!(figure.answer, "Only silent installations have reported 2 modules.");
    let figure = ask(&silent_base(), figures::MODULES, &[]);
    assert_eq!(rows(&figure, 8), ["ORDERS|1|0|0|0|1|2|150", "ASSETS|0|1|0|0|1|2|5"]);
}

#[test]
fn facts_of_who_is_silent_are_the_last_and_not_the_current_ones() {
    let fixture = silent_base();
    let figure = of(&fixture, figures::CUSTOMER_FACTS, "200", "2026-01");
    assert_eq!(figure.title, "Last facts");
    assert_eq!(
        figure.answer,
        "Nothing has been heard since 2026-01-20, and what holds now is not known. What was said last: 2 facts are known. \
         Its own rules withhold nothing."
    );
    assert!(rows(&figure, 7).iter().all(|row| row.ends_with("silent since 2026-01-20")), "{figure:?}");
    let figure = of(&fixture, figures::CUSTOMER_FACTS, "100", "2026-01");
    assert_eq!(figure.title, "Current facts");
    assert!(
        figure
            .answer
            .ends_with("2 lines are of what 1 silent installation said last, on 2026-01-20 or before.")
    );
    let silent = rows(&figure, 7).iter().filter(|row| row.ends_with("silent since 2026-01-20")).count();
    assert_eq!((silent, figure.table.rows.len()), (2, 4));
}

#[test]
fn a_silent_customer_is_called_so_wherever_it_is_listed() {
    let fixture = silent_base();
    let figure = ask(&fixture, figures::CUSTOMERS, &[]);
    let states: Vec<String> = figure.table.cells("State").map(|cell| cell.exact()).collect();
    assert_eq!(states, ["1 of 2 silent", "silent"]);
    assert_eq!(
        figure.answer,
        "2 customers; 1 silent, 1 in part, 0 known only by the pseudonym of an installation."
    );
    let installations = of(&fixture, figures::CUSTOMER_INSTALLATIONS, "200", "2026-01").answer;
    assert_eq!(
        installations,
        "1 installation, 1 report; the newest is of 2026-01-20. It is silent: nothing has been heard since 2026-01-20."
    );
    let versions = of(&fixture, figures::CUSTOMER_VERSIONS, "200", "2026-01").answer;
    assert_eq!(versions, "Web 2015 when it was last heard from, on 2026-01-20.");
}

#[test]
fn every_figure_that_rests_on_installations_says_how_many_are_silent() {
    let fixture = silent_base();
    let require = ("require", "os:Windows Server 2022");
    let key = [("policy", "acme"), ("metric", "options"), ("key", "WKOPTIONS.MODE")];
    for declared in [
        figures::VERSIONS,
        figures::OPERATING_SYSTEMS,
        figures::DATABASES,
        figures::DATABASE_EDITIONS,
        figures::LANGUAGES,
        figures::DEVICES,
        figures::WHAT_IF,
        figures::MODULES,
        figures::MODULE_GROWTH,
        figures::MODULE_CUSTOMERS,
        figures::SETTINGS,
        figures::SETTING,
        figures::CUSTOMER_MODULES,
    ] {
        let asked = [&[require, ("customer", "200")], key.as_slice()].concat();
        let figure = ask(&fixture, declared, &asked);
        let coverage = figure.coverage.unwrap();
        assert_eq!((coverage.reporting, coverage.silent), (0, 1), "{}", declared.name());
        assert_eq!(
            coverage.sentence(),
            "No installation is reporting. 1 installation is silent and not counted."
        );
        assert!(!figure.answer.contains(" 0 "), "{}: {}", declared.name(), figure.answer);
    }
}

#[test]
fn what_would_be_required_of_who_is_silent_is_not_known_and_nobody_is_called_safe() {
    let fixture = silent_base();
    let answer = |customer: &str| {
        let asked = [("require", "os:Windows Server 2022"), ("customer", customer)];
        ask(&fixture, figures::WHAT_IF, &asked).answer
    };
    assert_eq!(
        answer("200"),
        "If we required at least Windows Server 2022, nobody can tell who would be affected: what 1 installation runs is \
         not known."
    );
    assert_eq!(
        answer("100"),
        "If we required at least Windows Server 2022, 1 customer (1 installation) would be affected; 0 installations meet \
         it already; what 1 installation runs is not known."
    );
}
