//! `admit`: what is left of a report, and what became of everything else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use candor_policy::{OutcomeKind, Refusal, Report, admit};
use insta::assert_snapshot;
use serde_json::json;

use support::{everything, report, report_json};

/// Fields of a report in, what is left of them and the outcomes out.
fn check(fields: serde_json::Value) -> String {
    let policy = everything();
    let report = Report::parse(&report_json(&policy, fields)).unwrap();
    let (admitted, outcomes) = admit(&policy, report).unwrap();
    let mut out = String::new();
    let json: serde_json::Value = serde_json::from_slice(admitted.body()).unwrap();
    for field in ["facts", "usage", "flows", "withheld", "held", "not_measured"] {
        if let Some(value) = json.get(field).filter(|value| **value != json!({})) {
            writeln!(out, "{field}: {value}").unwrap();
        }
    }
    writeln!(out, "accepted: {}", admitted.accepted()).unwrap();
    for outcome in outcomes {
        let metric = outcome.metric.map_or("-".to_owned(), |metric| metric.to_string());
        let example = outcome.example.unwrap_or_default();
        writeln!(out, "{} {metric} x{} {example}", outcome.kind.word(), outcome.count).unwrap();
    }
    out
}

#[test]
fn what_is_declared_is_kept() {
    assert_snapshot!(check(json!({
        "facts": {
            "edition": "Standard Edition",
            "channel": "beta",
            "clustered": true,
            "memory": 64,
            "records": {"WKORDER": 1200, "SWPIPE": 0},
            "options": {"WKOPTIONS.AllowEdit": true, "WKOPTIONS.Note": "", "WKOPTIONS.Theme": null},
            "settings": {"Units": "metric", "Seats": {"bucket": "10-99"}, "SMTP Server": {"redacted": "in-use"}},
            "devices": [{"model": "iPad Air", "os_version": "9.1", "count": 12}, {"model": null, "count": 1}],
            "customer": "4711",
            "user": "0".repeat(64),
        },
        "usage": [{
            "metric": "features", "dimensions": {"feature": "search"}, "count": 3, "errors": 1,
            "durations": {"zero": 1, "buckets": [[10, 2]]},
        }],
        "flows": [{"metric": "checkout", "dimensions": {}, "steps": [{"step": "opened", "reached": 5, "failed": 1}]}],
    })));
}

#[test]
fn a_strict_metric_sends_what_is_known_to_be_harmless() {
    assert_snapshot!(check(json!({
        "facts": {
            "options": {
                "WKOPTIONS.AllowEdit": true, "WKOPTIONS.PageSize": 25, "WKOPTIONS.Rate": "3.5 %", "WKOPTIONS.Theme": "Dark blue",
                "WKOPTIONS.Format": "dd/MM/yyyy", "WKOPTIONS.Bird": "bluebird", "WKOPTIONS.Type": "Type 7",
                "WKOPTIONS.Project": "Redwood", "WKOPTIONS.Person": "Ann Lee", "WKOPTIONS.Server": "Dark",
                "WKOPTIONS.Unset": null, "WKOPTIONS.Empty": "", "WKOPTIONS.Before": {"redacted": "in-use"},
            },
            "settings": {"Project": "Redwood"},
        },
    })));
}

#[test]
fn undeclared() {
    assert_snapshot!(check(json!({
        "surprise": 1,
        "facts": {
            "mac_address": "00:11",
            "records": {"SALARIES": 3, "WKORDER": 1},
            "settings": {"": "x"},
            "devices": [{"model": "x", "serial": "1", "count": 1}],
        },
        "usage": [
            {"metric": "clicks", "count": 1},
            {"metric": "features", "dimensions": {"person": "Ann"}, "count": 1},
        ],
        "flows": [{"metric": "checkout", "steps": [{"step": "cried", "reached": 1}]}],
        "withheld": ["nothing-of-ours"],
        "not_measured": [
            {"metric": "nothing-of-ours", "reason": "failed"},
            {"metric": "records", "key": "SALARIES", "reason": "table-missing"},
        ],
    })));
}

#[test]
fn wrong_type() {
    assert_snapshot!(check(json!({
        "facts": {
            "edition": 5, "clustered": "yes", "memory": "64", "records": {"WKORDER": "many"}, "devices": {"model": "x"},
            "options": "all", "customer": 4711, "features": 3, "channel": null, "settings": {"Units": [1, 2]},
        },
        "usage": [{"metric": "memory", "count": 1}, {"metric": "features", "count": -1}, 7],
        "flows": "none",
        "withheld": [1],
        "not_measured": [{"metric": "records", "reason": "laziness"}],
    })));
}

#[test]
fn not_allowed() {
    assert_snapshot!(check(json!({
        "facts": {
            "edition": "Standard 2", "channel": "nightly", "memory": 5000, "records": {"WKORDER": -1}, "customer": " ",
            "user": "ann.lee", "version": "1.0 SP1", "address": "203.0.113.7",
        },
        "usage": [
            {"metric": "features", "dimensions": {"feature": "fly"}, "count": 1},
            {"metric": "features", "count": 1, "errors": 2},
            {"metric": "features", "count": 1, "durations": {"buckets": [[1, 2]]}},
        ],
        "flows": [
            {"metric": "checkout", "steps": [{"step": "opened", "reached": 1, "failed": 2}]},
            {"metric": "checkout", "steps": [{"step": "opened", "reached": 1}, {"step": "opened", "reached": 1}]},
        ],
    })));
}

#[test]
fn too_large() {
    let buckets: Vec<(i32, u64)> = (0..400).map(|index| (index, 1)).collect();
    let devices: Vec<_> = (0..2_001).map(|at| json!({"model": format!("m{at}"), "count": 1})).collect();
    let policy = everything();
    let fields = json!({
        "facts": {
            "edition": "A".repeat(21),
            "settings": {"Template": "a ".repeat(300)},
            "records": {format!("SW{}", "X".repeat(300)): 1},
            "devices": devices,
        },
        "usage": [{"metric": "features", "count": 500, "durations": {"buckets": buckets}}],
    });
    let report = Report::parse(&report_json(&policy, fields)).unwrap();
    let (admitted, outcomes) = admit(&policy, report).unwrap();
    assert_eq!(admitted.accepted(), 2_000);
    let metrics: BTreeSet<_> = outcomes
        .iter()
        .map(|outcome| (outcome.metric.clone().unwrap().to_string(), outcome.kind, outcome.count))
        .collect();
    let all = ["devices", "edition", "features", "records", "settings"];
    assert_eq!(metrics, all.map(|metric| (metric.to_owned(), OutcomeKind::TooLarge, 1)).into());
}

#[test]
fn wrong_source() {
    assert_snapshot!(check(json!({"facts": {"os_version": "Windows Server 2012 R2"}})));
}

#[test]
fn releases_bound_what_is_collected() {
    let facts = json!({"records": {"WKORDER": 1}, "options": {"WKOPTIONS.Theme": "dark"}});
    assert_snapshot!("before_since", check(json!({"version": "1.0.7", "facts": facts})));
    assert_snapshot!("after_until", check(json!({"version": "2.0", "facts": facts})));
    assert_snapshot!("unlisted", check(json!({"version": "9.9", "facts": facts})));
}

#[test]
fn redacted() {
    assert_snapshot!(check(json!({"facts": {"settings": {
        "License Code": "ABCD-1234", "SMTP Server": "mail01", "Seats": 42, "Site": "north", "Seed": "x",
        "Report Page": "https://reports.town.example/start", "Units": "metric", "Empty": "", "Unset": null,
    }}})));
}

#[test]
fn what_was_never_to_be_measured_is_not_said_to_be_missing() {
    assert_snapshot!(check(json!({
        "withheld": ["customer"],
        "not_measured": [
            {"metric": "customer", "reason": "failed"},
            {"metric": "os_version", "reason": "failed"},
            {"metric": "version", "reason": "failed"},
            {"metric": "records", "key": "WKORDER", "reason": "timed-out"},
        ],
    })));
}

#[test]
fn what_a_device_reveals_is_in_use() {
    let ordinary =
        ["iPad Air 2", "SM-G900V", "Nexus 7", "Panasonic FZ-G1", "Surface Pro 4", "iPad5,4", "MC67"];
    let plain: Vec<_> =
        ordinary.iter().map(|model| json!({"model": model, "os_version": "4.4.2.1", "count": 1})).collect();
    let mut rows = plain.clone();
    rows.extend([
        json!({"model": "DESKTOP-4F7Q2LM", "os_version": "10.0.10586", "count": 2}),
        json!({"model": "tablet7.fleet.town.example", "count": 1}),
        json!({"model": {"redacted": "in-use"}, "count": 3}),
        json!({"model": {"hash": "0".repeat(64)}, "count": 3}),
    ]);
    let report = Report::parse(&report_json(&everything(), json!({"facts": {"devices": rows}}))).unwrap();
    let (admitted, _) = admit(&everything(), report).unwrap();
    let body: serde_json::Value = serde_json::from_slice(admitted.body()).unwrap();
    let kept = body["facts"]["devices"].as_array().unwrap();
    assert_eq!(kept[..plain.len()], plain, "an ordinary model is no secret");
    let in_use = json!({"redacted": "in-use"});
    assert_eq!(
        kept[plain.len()..],
        [
            json!({"model": in_use, "os_version": "10.0.10586", "count": 2}),
            json!({"model": in_use, "count": 1}),
            json!({"model": in_use, "count": 3}),
        ]
    );
    assert_eq!(admitted.accepted(), plain.len() as u64 + 1);
}

#[test]
fn withheld_and_not_measured_are_named() {
    assert_snapshot!(check(json!({
        "facts": {"memory": 64, "customer": "4711"},
        "withheld": ["customer", "user"],
        // What is not withheld does not wait to be accepted, and what is not declared is nothing.
        "held": ["user", "memory", "nothing-of-ours"],
        "not_measured": [
            {"metric": "records", "key": "SWPIPE", "reason": "table-missing"},
            {"metric": "settings", "key": "SYSTEMSETTINGS", "reason": "access-denied"},
            {"metric": "edition", "reason": "unreachable"},
        ],
    })));
}

#[test]
fn a_refused_category_is_not_kept() {
    let scope = json!({"scope": {"categories": ["environment", "nothing-of-ours"]},
        "granted_at": "2026-01-15T09:30:00Z", "entry": format!("sha-256:{}", "0".repeat(64))});
    let policy = everything();
    let fields = json!({"consent": scope, "facts": {"memory": 64, "records": {"WKORDER": 1}}});
    let (admitted, outcomes) = admit(&policy, Report::parse(&report_json(&policy, fields)).unwrap()).unwrap();
    assert_eq!(admitted.report().facts.keys().collect::<Vec<_>>(), ["memory"]);
    let kinds: Vec<_> = outcomes.iter().map(|outcome| outcome.kind).collect();
    assert_eq!(kinds, [OutcomeKind::Undeclared, OutcomeKind::NotAllowed]);
    assert!(!String::from_utf8_lossy(admitted.body()).contains("nothing-of-ours"));
}

#[test]
fn a_header_that_cannot_be_true_costs_the_report() {
    let refused = |change: fn(&mut Report)| {
        let policy = everything();
        let mut report = report(&policy);
        change(&mut report);
        admit(&policy, report).unwrap_err()
    };
    assert!(matches!(refused(|report| report.policy.version = "2".into()), Refusal::OtherPolicy { .. }));
    assert_eq!(refused(|report| report.application = "Other".into()), Refusal::UnknownApplication);
    assert_eq!(refused(|report| report.application = "Acme Web".into()), Refusal::UnknownApplication);
    assert_eq!(refused(|report| report.version = String::new()), Refusal::InvalidVersion);
    assert_eq!(refused(|report| report.version = "1\n0".into()), Refusal::InvalidVersion);
    assert_eq!(
        refused(|report| std::mem::swap(&mut report.period.start, &mut report.period.end)),
        Refusal::InvalidPeriod
    );
    assert_eq!(
        refused(|report| report.source = candor_policy::SourceId::parse("elsewhere").unwrap()),
        Refusal::UnknownSource
    );
}

#[test]
fn a_report_without_a_header_is_none() {
    let policy = everything();
    let whole = report_json(&policy, json!({}));
    assert!(Report::parse(&whole).is_ok());
    assert!(Report::parse(&whole[..whole.len() - 1]).is_err(), "cut off");
    assert!(Report::parse(b"{}").unwrap_err().to_string().contains("report_id"));
    assert!(Report::parse(&report_json(&policy, json!({"installation": "someone"}))).is_err());
    let twice = String::from_utf8(whole).unwrap().replacen('{', "{\"version\":\"9\",", 1);
    assert!(Report::parse(twice.as_bytes()).unwrap_err().to_string().contains("duplicate field `version`"));
}
