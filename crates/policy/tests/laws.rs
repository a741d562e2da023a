//! What holds of `admit` for every report, whatever a site or an attacker puts into it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeMap;

use candor_policy::{
    CategoryId, Collected, Entry, Flow, FlowStep, Histogram, MetricId, MetricType, NotMeasured, Origin,
    Policy, Reason, Redacted, Report, Scope, Usage, Value, admit,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use support::{everything, report};

/// Names that the policy declares, names that are nearly so, and names that nobody declares.
fn metric_name() -> impl Strategy<Value = String> {
    let declared: Vec<String> = everything().metrics.iter().map(|metric| metric.id.to_string()).collect();
    prop_oneof![8 => select(declared), 1 => Just("Records".to_owned()), 1 => "[a-z_]{1,12}"]
}

fn key() -> impl Strategy<Value = String> {
    let known = [
        "WKORDER",
        "swpipe",
        "SALARIES",
        "WKOPTIONS.Theme",
        "OPTIONS.",
        "License Code",
        "SMTP Server",
        "Seats",
    ];
    prop_oneof![4 => select(known.map(String::from).to_vec()), 1 => ".{0,12}", 1 => "SW[A-Z]{250,300}"]
}

fn text() -> impl Strategy<Value = String> {
    let revealing =
        ["https://intranet.town.example/", "10.0.0.7", "beta", "Standard", "", "ann@town.example"];
    prop_oneof![2 => select(revealing.map(String::from).to_vec()), 2 => ".{0,40}", 1 => "[0-9a-f]{64}"]
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        Just(Entry::Unset),
        any::<bool>().prop_map(Entry::Flag),
        any::<i64>().prop_map(Entry::Integer),
        (0..5_000i64).prop_map(Entry::Integer),
        finite().prop_map(Entry::Decimal),
        text().prop_map(Entry::Text),
        Just(Entry::Redacted(Redacted::InUse)),
        "[0-9a-f]{64}".prop_map(|hash| Entry::Redacted(Redacted::Hash(hash))),
        "[0-9]{1,6}-[0-9]{1,6}".prop_map(|bucket| Entry::Redacted(Redacted::Bucket(bucket))),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("JSON has no other numbers", |number| number.is_finite())
}

fn row() -> impl Strategy<Value = BTreeMap<String, Entry>> {
    let column = select(["model", "os_version", "serial"].map(String::from).to_vec());
    (btree_map(column, entry(), 0..3), proptest::option::of(-1..5i64)).prop_map(|(mut row, count)| {
        row.extend(count.map(|count| ("count".to_owned(), Entry::Integer(count))));
        row
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Flag),
        any::<i64>().prop_map(Value::Integer),
        finite().prop_map(Value::Decimal),
        text().prop_map(Value::Text),
        btree_map(key(), entry(), 0..6).prop_map(Value::Keyed),
        vec(row(), 0..4).prop_map(Value::Rows),
        Just(Value::Unreadable),
    ]
}

fn dimensions() -> impl Strategy<Value = BTreeMap<String, String>> {
    let name = select(["feature", "person"].map(String::from).to_vec());
    let value = prop_oneof![Just("search".to_owned()), text()];
    btree_map(name, value, 0..2)
}

fn usage() -> impl Strategy<Value = Usage> {
    let durations = proptest::option::of((0..5u64, btree_map(-50..50i32, 1..4u64, 0..4)));
    (metric_name(), dimensions(), 0..9u64, 0..4u64, durations).prop_map(
        |(metric, dimensions, count, errors, durations)| Usage {
            metric,
            dimensions,
            count,
            errors,
            durations: durations.map(|(zero, buckets)| Histogram { zero, buckets }),
        },
    )
}

fn flow() -> impl Strategy<Value = Flow> {
    let step = select(["opened", "filled", "sent", "cried"].map(String::from).to_vec());
    let step =
        (step, 0..5u64, 0..5u64).prop_map(|(step, reached, failed)| FlowStep { step, reached, failed });
    (metric_name(), dimensions(), vec(step, 0..4)).prop_map(|(metric, dimensions, steps)| Flow {
        metric,
        dimensions,
        steps,
    })
}

fn not_measured() -> impl Strategy<Value = NotMeasured> {
    let id = metric_name().prop_filter_map("an identifier", |name| MetricId::parse(&name));
    (id, proptest::option::of(key()), select(vec![Reason::TimedOut, Reason::TableMissing, Reason::Failed]))
        .prop_map(|(metric, key, reason)| NotMeasured { metric, key, reason })
}

fn scope() -> impl Strategy<Value = Scope> {
    let category =
        select(["environment", "use", "gossip"].to_vec()).prop_map(|name| CategoryId::parse(name).unwrap());
    prop_oneof![2 => Just(Scope::All), 1 => btree_set(category, 0..3).prop_map(Scope::Categories)]
}

fn any_report() -> impl Strategy<Value = Report> {
    let header =
        (select(["installer", "batch"].to_vec()), select(["1.0", "1.0 SP1", "2.0 build 7", "9.9"].to_vec()));
    let id = metric_name().prop_filter_map("an identifier", |name| MetricId::parse(&name));
    let rows = (vec(usage(), 0..4), vec(flow(), 0..4), btree_set(id, 0..3), vec(not_measured(), 0..4));
    (header, scope(), btree_map(metric_name(), value(), 0..10), rows).prop_map(
        |((source, version), scope, facts, (usage, flows, withheld, not_measured))| {
            let policy = everything();
            let mut report = report(&policy);
            report.source = candor_policy::SourceId::parse(source).unwrap();
            report.application = policy.source(source).unwrap().applications[0].clone();
            report.version = version.to_owned();
            report.consent.scope = scope;
            Report { facts, usage, flows, withheld, not_measured, ..report }
        },
    )
}

/// Panics unless everything in the report is declared, for its source, its release and its consent.
fn assert_declared(policy: &Policy, report: &Report) {
    let running = policy.releases.of_version(&report.version);
    let gathered = |name: &str| {
        let metric = policy.metric(name).unwrap_or_else(|| panic!("{name} is not declared"));
        assert!(metric.sources.contains(&report.source), "{name} is not gathered by {}", report.source);
        assert_eq!(metric.collected_in(running.as_ref()), Collected::Yes, "{name}");
        assert!(report.consent.scope.covers(&metric.category), "{name} was refused");
        assert!(!report.withheld.contains(&metric.id), "{name} was withheld");
        metric
    };
    for (name, value) in &report.facts {
        assert_fits(&gathered(name).kind, value);
    }
    for row in &report.usage {
        let MetricType::Usage { dimensions } = &gathered(&row.metric).kind else { panic!("{}", row.metric) };
        assert!(row.dimensions.keys().all(|name| dimensions.iter().any(|dimension| dimension.name == *name)));
    }
    for row in &report.flows {
        let MetricType::Flow { steps, dimensions } = &gathered(&row.metric).kind else {
            panic!("{}", row.metric)
        };
        assert!(row.steps.iter().all(|step| steps.contains(&step.step)));
        assert!(row.dimensions.keys().all(|name| dimensions.iter().any(|dimension| dimension.name == *name)));
    }
    assert!(report.withheld.iter().all(|id| policy.metric(id.as_str()).is_some()));
    for missing in &report.not_measured {
        let metric = gathered(missing.metric.as_str());
        if let Some(key) = &missing.key {
            let known = match &metric.origin {
                Origin::DatabaseRowCounts { tables } | Origin::DatabaseColumns { tables } => {
                    tables.iter().any(|table| table.matches(key))
                }
                Origin::DatabaseRows { table, .. } | Origin::DatabaseDevices { table, .. } => table == key,
                _ => false,
            };
            assert!(known, "{key} of {} is not declared", metric.id);
        }
    }
    if let Scope::Categories(categories) = &report.consent.scope {
        assert!(categories.iter().all(|category| policy.category(category.as_str()).is_some()));
    }
}

fn assert_fits(kind: &MetricType, value: &Value) {
    match (kind, value) {
        (MetricType::Version | MetricType::Text(_) | MetricType::Identity(_), Value::Text(_)) => {}
        (MetricType::Flag, Value::Flag(_)) => {}
        (MetricType::Number { .. }, Value::Integer(_) | Value::Decimal(_)) => {}
        (MetricType::Count { keys, .. }, Value::Keyed(entries)) => {
            assert!(entries.values().all(|entry| matches!(entry, Entry::Integer(0..))));
            assert!(entries.keys().all(|key| keys.iter().any(|pattern| pattern.matches(key))));
        }
        (MetricType::Setting { keys, redaction }, Value::Keyed(entries)) => {
            for (key, entry) in entries {
                assert!(keys.iter().any(|pattern| pattern.matches(key)), "{key}");
                assert!(
                    !redaction.except.iter().any(|pattern| pattern.matches(key)),
                    "{key} is an exception"
                );
                if key.eq_ignore_ascii_case("SMTP Server") {
                    let left = matches!(entry, Entry::Unset | Entry::Redacted(_))
                        || *entry == Entry::Text(String::new());
                    assert!(left, "{entry:?}");
                }
            }
        }
        (MetricType::Devices { columns }, Value::Rows(rows)) => {
            assert!(
                rows.iter().flat_map(BTreeMap::keys).all(|name| name == "count" || columns.contains(name))
            );
        }
        (kind, value) => panic!("{} holds {value:?}", kind.word()),
    }
}

proptest! {
    #[test]
    fn law_1_declared_or_dropped(report in any_report()) {
        let policy = everything();
        let (admitted, _) = admit(&policy, report).unwrap();
        assert_declared(&policy, admitted.report());
    }

    #[test]
    fn admitting_what_was_admitted_changes_nothing(report in any_report()) {
        let policy = everything();
        let (first, _) = admit(&policy, report).unwrap();
        let arrived = Report::parse(first.body()).unwrap();
        prop_assert_eq!(&arrived, first.report());
        let (second, outcomes) = admit(&policy, arrived).unwrap();
        prop_assert_eq!(String::from_utf8_lossy(second.body()), String::from_utf8_lossy(first.body()));
        prop_assert_eq!(second.digest(), first.digest());
        prop_assert!(!outcomes.iter().any(candor_policy::Outcome::is_departure), "{:?}", outcomes);
    }

    #[test]
    fn law_1_what_is_not_declared_leaves_no_trace(report in any_report(), planted in value(), name in "zz[a-z]{1,9}") {
        let policy = everything();
        let (plain, _) = admit(&policy, report.clone()).unwrap();
        let mut fuller = report;
        fuller.facts.insert(name.clone(), planted);
        fuller.usage.insert(0, Usage {
            metric: name.clone(), dimensions: BTreeMap::new(), count: 1, errors: 0, durations: None,
        });
        fuller.flows.insert(0, Flow { metric: name.clone(), dimensions: BTreeMap::new(), steps: Vec::new() });
        fuller.withheld.extend(MetricId::parse(&name));
        let json = String::from_utf8(fuller.to_bytes()).unwrap().replacen('{', &format!("{{{name:?}:[1,{{}}],"), 1);
        let (admitted, outcomes) = admit(&policy, Report::parse(json.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(String::from_utf8_lossy(admitted.body()), String::from_utf8_lossy(plain.body()));
        prop_assert_eq!(outcomes.iter().filter(|outcome| outcome.metric.is_none()).count(), 1);
    }

    #[test]
    fn what_is_written_can_be_read_again(report in any_report()) {
        let again = Report::parse(&report.to_bytes()).unwrap();
        prop_assert_eq!(again, report);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Report::parse(&bytes);
    }
}
