//! The manifest's reader: a manifest in, its faults out, all of them, each where it stands and with what to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use candor_policy::{MetricType, Origin, Policy};
use insta::assert_snapshot;

use support::{EVERYTHING, everything};

/// The faults of a manifest, one in two lines.
fn check(manifest: &str) -> String {
    let Err(faults) = Policy::read(manifest) else { return "no faults".to_owned() };
    let lines = faults
        .0
        .iter()
        .map(|fault| format!("{}:{}: {}\n    {}\n", fault.line, fault.column, fault.message, fault.hint));
    lines.collect()
}

/// The faults of the whole policy after one passage of it was replaced.
fn check_changed(from: &str, to: &str) -> String {
    assert!(EVERYTHING.contains(from), "{from}");
    check(&EVERYTHING.replacen(from, to, 1))
}

#[test]
fn all_faults_are_reported_at_once() {
    assert_snapshot!(check(include_str!("support/faulty.toml")));
}

#[test]
fn what_is_no_toml_is_a_fault_beside_the_others() {
    assert_snapshot!(check(
        &EVERYTHING.replacen("title = \"Everything\"", "title = \"Everything", 1).replacen(
            "owner = \"Platform team\"",
            "onwer = \"Platform team\"",
            1,
        )
    ));
    assert_snapshot!("a_table_stands_twice", check_changed("[metrics.version]", "[metrics.application]"));
    assert_snapshot!("a_word_without_quotation_marks", check_changed("\"opt-out\"", "opt-out"));
}

#[test]
fn an_empty_manifest_says_what_a_manifest_has() {
    assert_snapshot!(check(""));
}

#[test]
fn text_is_bounded() {
    let bounds = "pattern = \"[A-Za-z ]+\"\nmax_length = 20\n";
    assert_snapshot!("by_nothing", check_changed(bounds, ""));
    assert_snapshot!("by_no_length", check_changed(bounds, "pattern = \"[A-Za-z ]+\"\n"));
    assert_snapshot!(
        "by_a_pattern_that_lets_all_through",
        check_changed(bounds, "pattern = \".*\"\nmax_length = 64\n")
    );
    assert_snapshot!("by_no_expression", check_changed(bounds, "pattern = \"[A-Z\"\nmax_length = 64\n"));
    assert_snapshot!(
        "by_two_rules",
        check_changed(bounds, "values = [\"a\"]\npattern = \"a\"\nmax_length = 1\n")
    );
}

#[test]
fn type_and_origin_fit() {
    assert_snapshot!(
        "a_flag_from_the_system",
        check_changed("type = \"flag\"", "type = \"flag\"\nfrom = \"os.version\"")
    );
    assert_snapshot!(
        "a_setting_with_another_origins_fields",
        check_changed("key_column = \"SETTING_NAME\"", "tables = [\"X\"]")
    );
    assert_snapshot!("no_origin", check_changed("from = \"os.version\"\n", ""));
    assert_snapshot!("every_table", check_changed("\"SW*\"", "\"*\""));
}

#[test]
fn an_allow_list_says_what_a_strict_metric_sends() {
    let strict = "strict = true\nharmless = [\"Bluebird\", \"Type 7\"]\n";
    assert_snapshot!("a_list_without_strict", check_changed(strict, "harmless = [\"Bluebird\"]\n"));
    assert_snapshot!("no_flag", check_changed(strict, "strict = \"yes\"\n"));
    assert_snapshot!(
        "a_value_that_a_detector_holds_back",
        check_changed(strict, "strict = true\nharmless = [\"gis01.happyville.gov\"]\n")
    );
    assert_snapshot!(
        "strict_on_another_type",
        check_changed("type = \"flag\"", "type = \"flag\"\nstrict = true")
    );
}

#[test]
fn nothing_is_idle() {
    let more = "[purposes.idle]\ntitle = \"Idle\"\ndescription = \"Nothing.\"\n\
                [categories.idle]\ntitle = \"Idle\"\ndescription = \"Nothing.\"\n\
                [sources.idle]\nkind = \"app\"\ntitle = \"Idle\"\napplications = [\"Idle\"]\nschedule = \"never\"\n";
    assert_snapshot!(check(&format!("{EVERYTHING}{more}")));
}

#[test]
fn every_report_carries_application_and_version() {
    assert_snapshot!("none", check_changed("from = \"application.version\"", "from = \"given\""));
    assert_snapshot!(
        "bound_to_a_release",
        check_changed("from = \"application.version\"", "from = \"application.version\"\nsince = \"2.0\"")
    );
}

#[test]
fn a_next_version_adds_and_does_not_change_what_names_mean() {
    let check = |manifest: &str| match Policy::read_next(manifest, &everything()) {
        Ok(policy) => format!("no faults: {}", policy.version),
        Err(faults) => faults.to_string(),
    };
    let next = EVERYTHING.replacen("version = \"1.0\"", "version = \"1.1\"", 1);
    assert_eq!(check(EVERYTHING), "no faults: 1.0", "the same text is the same version");
    assert_eq!(check(&next), "no faults: 1.1");
    let releases = "releases = [\"1.0\", \"1.0 SP1\", \"2.0\"]";
    let with_releases = |new: &str| check(&next.replacen(releases, new, 1));
    assert_eq!(
        with_releases("releases = [\"0.9\", \"1.0\", \"1.0 SP1\", \"1.5\", \"2.0\"]"),
        "no faults: 1.1"
    );
    assert_snapshot!("reordered", with_releases("releases = [\"2.0\", \"1.0\", \"1.0 SP1\"]"));
    assert_snapshot!("gone", with_releases("releases = [\"1.0\", \"1.0 SP1\"]"));
    assert_snapshot!("same_version", check(&EVERYTHING.replacen("Everything", "All", 1)));
    let renamed =
        next.replacen("id = \"everything\"", "id = \"all\"", 1).replacen("2026-01-01", "2025-01-01", 1);
    assert_snapshot!("another_policy", check(&renamed));
    assert_snapshot!(
        "another_type",
        check(&next.replacen("type = \"flag\"", "type = \"number\"\nunit = \"x\"", 1))
    );
}

#[test]
fn a_policy_says_what_its_manifest_says() {
    let policy = everything();
    let origin = |id: &str| policy.metric(id).unwrap().origin.clone();
    assert_eq!(origin("clustered"), Origin::Given, "an only origin need not be written");
    assert_eq!(
        origin("devices"),
        Origin::DatabaseDevices {
            table: "MOBILE_DEVICES".into(),
            columns: vec!["DEVICE_MODEL".into(), "OS_VERSION".into()]
        }
    );
    let MetricType::Setting { keys, redaction } = &policy.metric("options").unwrap().kind else { panic!() };
    assert_eq!(keys[0].as_str(), "*OPTIONS.*");
    assert_eq!(
        redaction.detectors.len(),
        candor_policy::Detector::ALL.len(),
        "all look, where none is chosen"
    );
    assert_eq!(policy.metric("records").unwrap().since.as_ref().unwrap().rank, 1);
    let order: Vec<&str> = policy.metrics.iter().map(|metric| metric.id.as_str()).collect();
    let written: Vec<&str> = EVERYTHING
        .lines()
        .filter_map(|line| line.strip_prefix("[metrics.")?.strip_suffix(']'))
        .filter(|name| !name.contains('.'))
        .collect();
    assert_eq!(order, written, "metrics keep the manifest's order");
}
