//! Bounds that agree: what each bound allows fits the next one, and what does not fit is left out by name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use candor_policy::limits::{KEYS_PER_METRIC, REPORT_BYTES, SETTING_LENGTH, SUBMISSION_BYTES};
use candor_policy::{Entry, NotMeasured, OutcomeKind, Reason, Report, SourceId, Value, admit};

use support::{example, read, report};

/// A report of Lucity's monthly batch with as many settings as there may be, each as long as it may be.
fn largest() -> (candor_policy::Policy, Report) {
    let policy = read(&example("lucity-data-collection"));
    let source = policy.source("monthly-batch").unwrap();
    let mut report = Report {
        source: SourceId::parse("monthly-batch").unwrap(),
        application: source.applications[0].clone(),
        version: "2016".to_owned(),
        ..report(&policy)
    };
    let words = |index: usize| format!("{index} {}", "many words ".repeat(60));
    let settings = (0..KEYS_PER_METRIC).map(|index| {
        let mut value = words(index);
        value.truncate(SETTING_LENGTH);
        (format!("Setting {index:05}"), Entry::Text(value))
    });
    report.facts.insert("system_settings".to_owned(), Value::Keyed(settings.collect()));
    let records = [("WKORDER".to_owned(), Entry::Integer(7))].into();
    report.facts.insert("module_records".to_owned(), Value::Keyed(records));
    (policy, report)
}

#[test]
fn a_report_within_every_other_bound_is_made_to_fit() {
    let (policy, report) = largest();
    assert!(report.to_bytes().len() > REPORT_BYTES);
    let (admitted, outcomes) = admit(&policy, report).unwrap();
    let bytes = admitted.body().len();
    assert!((REPORT_BYTES - 2_000..=REPORT_BYTES).contains(&bytes), "{bytes}");

    let kept = admitted.report();
    let Value::Keyed(settings) = &kept.facts["system_settings"] else { panic!() };
    assert!(settings.contains_key("Setting 00000") && !settings.contains_key("Setting 09999"));
    assert!(kept.facts.contains_key("module_records"), "the rest arrives");
    let note = NotMeasured {
        metric: policy.metric("system_settings").unwrap().id.clone(),
        key: None,
        reason: Reason::TooLarge,
    };
    assert_eq!(kept.not_measured, [note]);
    let lost = outcomes.iter().find(|outcome| outcome.kind == OutcomeKind::TooLarge).unwrap();
    assert_eq!(lost.count as usize, KEYS_PER_METRIC - settings.len());
    assert_eq!(admitted.accepted() as usize, settings.len() + 1);

    // The collector's own look changes nothing.
    let again = admit(&policy, Report::parse(admitted.body()).unwrap()).unwrap().0;
    assert_eq!(again.body(), admitted.body());
}

/// Every report fits the wire, also one that gzip makes no smaller (RFC 1951, section 3.2.4: 5 bytes for 65,535).
#[test]
fn every_report_fits_the_wire() {
    let stored = REPORT_BYTES + 5 * (REPORT_BYTES / 16_383 + 1) + 18;
    assert!(stored <= SUBMISSION_BYTES, "{stored}");
}

#[test]
fn what_is_dropped_anyway_takes_no_room() {
    let (policy, mut report) = largest();
    let Value::Keyed(settings) = report.facts.remove("system_settings").unwrap() else { panic!() };
    // A key that nobody declares costs nothing, however many there are.
    report.facts.insert("undeclared".to_owned(), Value::Keyed(settings));
    let (admitted, _) = admit(&policy, report).unwrap();
    assert!(admitted.report().not_measured.is_empty());
    assert!(admitted.body().len() < 2_000);
}
