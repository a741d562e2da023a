//! A report's lists and objects are counted while they are read: what is beyond a limit is skipped and named, and the rest arrives.

use candor_policy::limits::{
    DEVICE_ROWS, ELEMENTS, FACTS, KEYS_PER_METRIC, NAMES_PER_LIST, ROW_CELLS, ROW_ELEMENTS, SCOPE_CATEGORIES,
    USAGE_ROWS,
};
use candor_policy::{OutcomeKind, Report, Value};

/// A report with these facts, which goes on with this.
fn report(facts: &str, rest: &str) -> String {
    let digest = format!("sha-256:{}", "0".repeat(64));
    format!(
        r#"{{"report_id":"01970000-0000-7000-8000-000000000001",
        "policy":{{"id":"p","version":"1","digest":"{digest}"}},
        "installation":"AAAAAAAAAAAAAAAAAAAAAA","source":"s","application":"a","version":"1",
        "period":{{"start":"2026-04-01T00:00:00Z","end":"2026-05-01T00:00:00Z"}},
        "consent":{{"scope":"all","granted_at":"2026-01-01T00:00:00Z","entry":"{digest}"}},
        "facts":{facts}{rest}}}"#
    )
}

fn parse(facts: &str, rest: &str) -> Report {
    Report::parse(report(facts, rest).as_bytes()).expect("it is a report")
}

/// How many were skipped under this name.
fn skipped(report: &Report, name: &str) -> u64 {
    let outcomes = report.unreadable.iter().filter(|outcome| outcome.kind == OutcomeKind::TooLarge);
    outcomes.filter(|outcome| outcome.example.as_deref() == Some(name)).map(|outcome| outcome.count).sum()
}

/// `"k0":0,"k1":0` and so on.
fn keys(count: usize) -> String {
    (0..count).map(|number| format!("\"k{number}\":0")).collect::<Vec<_>>().join(",")
}

fn rows(count: usize) -> String {
    vec!["{\"count\":1}"; count].join(",")
}

#[test]
fn keys_beyond_the_limit_are_skipped_and_named() {
    let read = parse(&format!("{{\"m\":{{{}}},\"n\":1}}", keys(KEYS_PER_METRIC + 7)), "");
    let Value::Keyed(entries) = &read.facts["m"] else { panic!("it has keys") };
    assert_eq!((entries.len(), skipped(&read, "m")), (KEYS_PER_METRIC, 7));
    assert_eq!(read.facts["n"], Value::Integer(1));
}

#[test]
fn rows_beyond_the_limit_are_skipped_and_named() {
    let read = parse(&format!("{{\"m\":[{}],\"n\":1}}", rows(DEVICE_ROWS + 7)), "");
    let Value::Rows(kept) = &read.facts["m"] else { panic!("it has rows") };
    assert_eq!((kept.len(), skipped(&read, "m")), (DEVICE_ROWS, 7));
    assert_eq!(read.facts["n"], Value::Integer(1));
}

#[test]
fn a_row_with_more_cells_than_any_makes_its_value_unreadable() {
    for (cells, readable) in [(ROW_CELLS, true), (ROW_CELLS + 1, false)] {
        let read = parse(&format!("{{\"m\":[{{{}}}]}}", keys(cells)), "");
        assert_eq!(read.facts["m"] != Value::Unreadable, readable, "{cells} cells");
    }
}

/// However they are spread over facts, so many elements are read and no more.
#[test]
fn all_facts_share_a_bound_on_their_elements() {
    let each = DEVICE_ROWS;
    let facts: Vec<String> = (0..50).map(|fact| format!("\"f{fact:02}\":[{}]", rows(each))).collect();
    let read = parse(&format!("{{{}}}", facts.join(",")), "");
    let kept: usize =
        read.facts.values().map(|value| if let Value::Rows(rows) = value { rows.len() } else { 0 }).sum();
    assert!(kept <= ELEMENTS / (ROW_ELEMENTS + 1), "{kept}");
    let skipped: u64 = (0..50).map(|fact| skipped(&read, &format!("f{fact:02}"))).sum();
    assert_eq!(kept + usize::try_from(skipped).unwrap(), 50 * each, "none is lost without a name");
}

#[test]
fn facts_names_and_rows_of_usage_have_limits_too() {
    let names: Vec<String> = (0..NAMES_PER_LIST + 3).map(|number| format!("\"n{number}\"")).collect();
    let usage = vec!["{\"metric\":\"u\",\"count\":1}"; USAGE_ROWS + 5].join(",");
    let rest = format!(",\"withheld\":[{}],\"usage\":[{usage}]", names.join(","));
    let read = parse(&format!("{{{}}}", keys(FACTS + 2)), &rest);
    assert_eq!((read.facts.len(), skipped(&read, "facts")), (FACTS, 2));
    assert_eq!((read.withheld.len(), skipped(&read, "withheld")), (NAMES_PER_LIST, 3));
    assert_eq!((read.usage.len(), skipped(&read, "usage")), (USAGE_ROWS, 5));
}

#[test]
fn fields_that_no_report_has_are_one_outcome_with_a_count() {
    let read = parse("{}", &format!(",{}", keys(5_000)));
    let counts: Vec<u64> = read.unreadable.iter().map(|outcome| outcome.count).collect();
    assert_eq!(counts, [5_000]);
}

#[test]
fn a_scope_of_too_many_categories_is_no_report() {
    let categories: Vec<String> = (0..=SCOPE_CATEGORIES).map(|number| format!("\"c{number}\"")).collect();
    let scope = format!("{{\"categories\":[{}]}}", categories.join(","));
    let json = report("{}", "").replace("\"scope\":\"all\"", &format!("\"scope\":{scope}"));
    assert!(Report::parse(json.as_bytes()).is_err());
    let fewer = json.replace("\"c0\",", "");
    assert!(Report::parse(fewer.as_bytes()).is_ok());
}

/// Depth costs nothing: it is refused or skipped, and never a stack.
#[test]
fn depth_without_end_is_skipped_or_refused() {
    for deep in [("[", "]"), ("{\"a\":", "}")] {
        let value = format!("{}0{}", deep.0.repeat(100_000), deep.1.repeat(100_000));
        let _either = Report::parse(report(&format!("{{\"m\":{value}}}"), "").as_bytes());
        let read = parse("{}", &format!(",\"usage\":{value}"));
        assert!(read.usage.is_empty());
    }
}
