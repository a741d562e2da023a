//! How options are set.

use super::ask;
use crate::insights::fixture::{Fixture, rows};
use crate::insights::{Coverage, figures};

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
    let figure = ask(&settings_base(), figures::SETTINGS, &[]);
    // Setting, known, values, how, in use, empty, unset, withheld, not measured.
    assert_eq!(
        rows(&figure, 9),
        ["WKOPTIONS.MODE|6|2|fast 2 · slow 1 · (in use) 1 · (empty) 1 · (unset) 1|1|1|1|1|1"]
    );
    assert_eq!(
        figure.coverage,
        Some(Coverage { known: 6, reporting: 8, withheld: 1, not_measured: 1, ..Coverage::default() })
    );
}

#[test]
fn a_setting_is_found_by_its_name_in_either_case() {
    let fixture = settings_base();
    assert_eq!(rows(&ask(&fixture, figures::SETTINGS, &[("search", "options.mo")]), 1), ["WKOPTIONS.MODE"]);
    assert!(rows(&ask(&fixture, figures::SETTINGS, &[("search", "colour")]), 1).is_empty());
}

#[test]
fn one_setting_shows_all_its_values_and_its_own_coverage() {
    let asked = [("policy", "acme"), ("metric", "options"), ("key", "WKOPTIONS.MODE")];
    let figure = ask(&settings_base(), figures::SETTING, &asked);
    let expected =
        ["fast|2|0.3333", "slow|1|0.1667", "(in use)|1|0.1667", "(empty)|1|0.1667", "(unset)|1|0.1667"];
    assert_eq!(rows(&figure, 3), expected);
    assert_eq!(
        figure.coverage,
        Some(Coverage { known: 6, reporting: 8, withheld: 1, not_measured: 1, ..Coverage::default() })
    );
}

#[test]
fn a_table_that_could_not_be_read_keeps_its_settings_and_no_others() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture
        .report(1, "2026-03-01", "Web", "2015")
        .setting("WKOPTIONS.MODE", "value", Some("fast"))
        .setting("WKOPTIONSOLD.MODE", "value", Some("slow"))
        .setting("APOPTIONS.MODE", "value", Some("old"));
    for day in ["2026-04-01", "2026-05-01"] {
        fixture.report(1, day, "Web", "2015").setting("APOPTIONS.MODE", "value", Some("new")).missing(
            "options",
            "wkoptions",
            "locked",
        );
    }
    let figure = ask(&fixture, figures::SETTINGS, &[]);
    assert_eq!(rows(&figure, 4), ["APOPTIONS.MODE|1|1|new 1", "WKOPTIONS.MODE|1|1|fast 1"]);
    // A key that a report in between said nothing of was gone, and does not come back.
    fixture.report(1, "2026-05-02", "Web", "2015").setting("APOPTIONS.MODE", "value", Some("new"));
    fixture.report(1, "2026-05-03", "Web", "2015").setting("APOPTIONS.MODE", "value", Some("new")).missing(
        "options",
        "WKOPTIONS",
        "locked",
    );
    assert_eq!(rows(&ask(&fixture, figures::SETTINGS, &[]), 1), ["APOPTIONS.MODE"]);
}

#[test]
fn a_setting_that_was_deleted_is_gone_although_a_row_of_its_table_could_not_be_measured() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture
        .report(1, "2026-01-01", "Web", "2015")
        .setting("SYS.A", "value", Some("1"))
        .setting("SYS.B", "value", Some("2"))
        .setting("APOPTIONS.MODE", "value", Some("old"));
    for day in ["2026-02-01", "2026-03-01", "2026-04-01"] {
        let report = fixture.report(1, day, "Web", "2015").setting("SYS.A", "value", Some("3"));
        report.missing("options", "SYS", "failed");
    }
    assert_eq!(rows(&ask(&fixture, figures::SETTINGS, &[]), 4), ["SYS.A|1|1|3 1"]);
    // Nor does it come back when the table cannot be read at all: what was read of it last stands.
    fixture
        .report(1, "2026-05-01", "Web", "2015")
        .setting("APOPTIONS.MODE", "value", Some("new"))
        .missing("options", "SYS", "locked");
    assert_eq!(
        rows(&ask(&fixture, figures::SETTINGS, &[]), 4),
        ["APOPTIONS.MODE|1|1|new 1", "SYS.A|1|1|3 1"]
    );
}

#[test]
fn a_pattern_that_covers_nothing_keeps_the_tables_of_which_nothing_is_said_and_of_others_nothing() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture
        .report(1, "2026-04-01", "Web", "2015")
        .setting("SYS.A", "value", Some("1"))
        .setting("SYS.B", "value", Some("2"))
        .setting("APOPTIONS.MODE", "value", Some("old"));
    fixture.report(1, "2026-05-01", "Web", "2015").setting("SYS.A", "value", Some("3")).state(
        "options",
        "not-measured",
        Some("table-missing"),
    );
    assert_eq!(
        rows(&ask(&fixture, figures::SETTINGS, &[]), 4),
        ["APOPTIONS.MODE|1|1|old 1", "SYS.A|1|1|3 1"]
    );
}

/// An answer over settings of these states and values, an installation for each.
fn answer_of(values: &[(&'static str, Option<&str>)]) -> String {
    let fixture = Fixture::new();
    for (number, (state, text)) in (1..).zip(values) {
        fixture.installation(number, char::from(b'A' + number as u8), None, None);
        fixture.report(number, "2026-05-01", "Web", "2015").setting("WKOPTIONS.MODE", state, *text);
    }
    ask(&fixture, figures::SETTINGS, &[]).answer
}

#[test]
fn one_installation_says_nothing_of_what_is_the_same_everywhere() {
    assert_eq!(
        answer_of(&[("value", Some("fast"))]),
        "1 setting, from 1 installation; each is known at one installation alone, so none can be compared."
    );
    let fast = ("value", Some("fast"));
    assert_eq!(answer_of(&[fast, fast]), "1 setting, from 2 installations; 1 is set the same everywhere.");
    assert_eq!(
        answer_of(&[fast, ("value", Some("slow"))]),
        "1 setting, from 2 installations; 0 are set the same everywhere."
    );
    assert_eq!(
        answer_of(&[("unset", None), ("unset", None)]),
        "1 setting, from 2 installations; 1 is set the same everywhere."
    );
}

#[test]
fn values_that_did_not_leave_their_sites_are_not_called_the_same() {
    let cannot = "1 setting, from 2 installations; none can be compared between installations.";
    assert_eq!(answer_of(&[("in-use", None), ("in-use", None)]), cannot);
    assert_eq!(answer_of(&[("hash", Some("0011223344")), ("hash", Some("0011223344"))]), cannot);
    assert_eq!(answer_of(&[("bucket", Some("10-20")), ("bucket", Some("10-20"))]), cannot);
}

#[test]
fn a_setting_that_two_share_is_compared_beside_one_that_only_one_has() {
    let fixture = Fixture::new();
    fixture.installation(1, 'A', None, None);
    fixture.installation(2, 'B', None, None);
    let fast = |number: i64| {
        fixture.report(number, "2026-05-01", "Web", "2015").setting("WKOPTIONS.MODE", "value", Some("fast"))
    };
    fast(1).setting("WKOPTIONS.EXTRA", "value", Some("on"));
    drop(fast(2));
    assert_eq!(
        ask(&fixture, figures::SETTINGS, &[]).answer,
        "2 settings, from 2 installations; of 1 that can be compared, 1 is set the same everywhere."
    );
    let asked = [("policy", "acme"), ("metric", "options"), ("key", "WKOPTIONS.EXTRA")];
    assert_eq!(
        ask(&fixture, figures::SETTING, &asked).answer,
        "Known at 1 installation: \u{201c}on\u{201d}."
    );
}

#[test]
fn no_value_is_called_the_most_common_where_several_are() {
    let fixture = Fixture::new();
    for (number, value) in [(1, "fast"), (2, "slow")] {
        fixture.installation(number, char::from(b'A' + number as u8), None, None);
        fixture.report(number, "2026-05-01", "Web", "2015").setting("WKOPTIONS.MODE", "value", Some(value));
    }
    let asked = [("policy", "acme"), ("metric", "options"), ("key", "WKOPTIONS.MODE")];
    assert_eq!(
        ask(&fixture, figures::SETTING, &asked).answer,
        "\u{201c}fast\u{201d} and \u{201c}slow\u{201d} are equally common: 1 of 2 installations each (50\u{a0}%)."
    );
}
