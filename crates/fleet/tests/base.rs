//! What an installed base must be: the same for the same seed, wholly within its policy, and shaped like one.

#![expect(clippy::unwrap_used, reason = "helpers of tests; what is not there fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use candor_fleet::{Base, Errand, Settings, Silence};
use candor_policy::{Admitted, Outcome, Policy, Report, Value};

const LUCITY: &str = "lucity-data-collection";
const CIRESON: &str = "cireson-product-metrics";

fn policy(name: &str) -> Arc<Policy> {
    let path = format!("{}/../../examples/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(path).unwrap();
    Arc::new(Policy::read(&manifest).unwrap())
}

fn grow(name: &str, seed: u64, installations: usize, months: u32) -> Base {
    let until = "2026-11-21T12:00:00Z".parse().unwrap();
    Base::grow(seed, &Settings { installations, months, until }, policy(name))
}

fn write(base: &Base, errand: &Errand) -> (Admitted, Vec<Outcome>) {
    base.write(errand).unwrap()
}

fn reports(base: &Base) -> Vec<Report> {
    base.errands().iter().map(|errand| write(base, errand).0.report().clone()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, two) = (grow(LUCITY, 7, 20, 12), grow(LUCITY, 7, 20, 12));
    let bytes = |base: &Base| -> Vec<Vec<u8>> {
        base.errands().iter().map(|errand| write(base, errand).0.body().to_vec()).collect()
    };
    assert_eq!(bytes(&one), bytes(&two));
    assert_ne!(bytes(&one), bytes(&grow(LUCITY, 8, 20, 12)));
}

#[test]
fn a_later_present_adds_reports_and_changes_none() {
    let settings = |until: &str| Settings { installations: 20, months: 12, until: until.parse().unwrap() };
    let early = Base::grow(7, &settings("2026-11-05T00:00:00Z"), policy(LUCITY));
    let late = Base::grow(7, &settings("2026-11-25T00:00:00Z"), policy(LUCITY));
    let early: BTreeSet<_> = reports(&early).iter().map(Report::to_bytes).collect();
    let late: BTreeSet<_> = reports(&late).iter().map(Report::to_bytes).collect();
    assert!(early.len() < late.len());
    assert!(early.is_subset(&late));
}

#[test]
fn law_1_every_simulated_report_is_admitted_unchanged() {
    for name in [LUCITY, CIRESON] {
        let base = grow(name, 7, 40, 24);
        let errands = base.errands();
        assert!(errands.len() > 100, "{name} has only {} reports", errands.len());
        for errand in errands {
            let (admitted, outcomes) = write(&base, &errand);
            assert!(!outcomes.iter().any(Outcome::is_departure), "{name}: {outcomes:?}");
            let read = Report::parse(admitted.body()).unwrap();
            let (again, outcomes) = candor_policy::admit(base.policy(), read).unwrap();
            assert_eq!(again.body(), admitted.body());
            assert!(!outcomes.iter().any(Outcome::is_departure), "{name}: {outcomes:?}");
        }
    }
}

#[test]
fn every_metric_of_both_policies_is_filled() {
    for name in [LUCITY, CIRESON] {
        assert_eq!(grow(name, 7, 30, 24).census().left_empty, []);
    }
}

#[test]
fn no_two_reports_share_an_id_and_none_is_from_the_future() {
    let base = grow(LUCITY, 7, 60, 24);
    let reports = reports(&base);
    let ids: BTreeSet<_> = reports.iter().map(|report| report.report_id).collect();
    assert_eq!(ids.len(), reports.len());
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
    let until = "2026-11-21T12:00:00Z".parse().unwrap();
    for report in &reports {
        assert!(report.period.start <= report.period.end && report.period.end < until);
        assert!(report.consent.granted_at <= report.period.end);
    }
    assert!(reports.is_sorted_by_key(|report| report.period.end), "sent in the order of their time");
}

/// An app that reports daily is played in months: each stands for its whole month, and none for what another has counted.
#[test]
fn a_report_of_counts_covers_its_whole_month_and_no_moment_is_counted_twice() {
    let base = grow(CIRESON, 7, 20, 24);
    let mut periods: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for errand in base.errands() {
        let report = write(&base, &errand).0.report().clone();
        periods.entry((errand.installation, errand.user)).or_default().push((errand.moment, report.period));
    }
    let mut whole = 0;
    for (who, periods) in periods {
        for pair in periods.windows(2) {
            assert!(pair[0].1.end <= pair[1].1.start, "{who:?}: {pair:?}");
        }
        for (moment, period) in periods {
            let joined = base.installations()[who.0].joined;
            if moment - 1.0 >= joined.max(0.0) {
                let days = period.end.duration_since(period.start).as_hours() / 24;
                assert!((27..=31).contains(&days), "{who:?}: {period:?}");
                whole += 1;
            }
        }
    }
    assert!(whole > 100, "{whole} reports of a whole month");
}

#[test]
fn a_site_that_denies_is_not_heard_of_again() {
    let base = grow(LUCITY, 7, 300, 24);
    let errands = base.errands();
    let mut denied = 0;
    for site in base.installations() {
        let Some((from, Silence::Denied)) = site.stopped else { continue };
        denied += 1;
        let mut heard = errands.iter().filter(|errand| errand.installation == site.index);
        assert!(heard.all(|errand| errand.moment < from));
    }
    assert!((5..60).contains(&denied), "{denied} of 300 deny");
}

#[test]
fn a_refused_category_is_withheld_and_never_sent() {
    let base = grow(LUCITY, 7, 300, 24);
    let mut withheld = 0;
    for errand in base.errands() {
        let site = &base.installations()[errand.installation];
        let Some(refused) = &site.refused else { continue };
        let (admitted, _) = write(&base, &errand);
        let of_category = |metric: &str| base.policy().metric(metric).is_some_and(|m| m.category == *refused);
        assert!(!admitted.report().facts.keys().any(|metric| of_category(metric)));
        assert!(admitted.report().withheld.iter().all(|metric| of_category(metric.as_str())));
        withheld += admitted.report().withheld.len();
    }
    assert!(withheld > 20, "{withheld} values withheld");
}

/// The share of reports in a span of months whose fact `metric` is one of `values`.
fn share(base: &Base, months: std::ops::Range<f64>, holds: impl Fn(&Report) -> Option<bool>) -> f64 {
    let errands = base.errands();
    let spoken: Vec<bool> = errands
        .iter()
        .filter(|errand| months.contains(&errand.moment))
        .filter_map(|errand| holds(write(base, errand).0.report()))
        .collect();
    spoken.iter().filter(|holds| **holds).count() as f64 / spoken.len().max(1) as f64
}

#[test]
fn later_months_run_newer_releases_on_newer_platforms() {
    let base = grow(LUCITY, 7, 200, 24);
    let newest = |report: &Report| Some(report.version == "2016");
    assert!(share(&base, 0.0..6.0, newest) < 0.01);
    assert!(share(&base, 20.0..24.0, newest) > 0.3);
    let old_system = |report: &Report| match report.facts.get("os_version") {
        Some(Value::Text(system)) => Some(system.contains("2008") || system.contains("2012")),
        _ => None,
    };
    assert!(share(&base, 0.0..6.0, old_system) > share(&base, 18.0..24.0, old_system));
}

#[test]
fn the_base_has_many_customers_with_installations_of_their_own_and_grows() {
    let base = grow(LUCITY, 7, 300, 24);
    let names: BTreeSet<_> = base.customers().iter().map(|customer| &customer.name).collect();
    assert!(names.len() >= 120, "{} customers", names.len());
    assert_eq!(base.customers().iter().map(|customer| customer.installations).sum::<usize>(), 300);
    let largest = base.customers().iter().map(|customer| customer.installations).max().unwrap();
    assert!(largest > 2);
    let mut months: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
    for errand in base.errands() {
        months.entry(errand.moment as u32).or_default().insert(errand.installation);
    }
    assert!(months[&3].len() < months[&12].len() && months[&12].len() < months[&22].len());
    let last = months[&23].len() as f64 / months[&22].len() as f64;
    assert!(last > 0.8, "the present month has {last} of the installations of the one before");
}

#[test]
fn what_a_site_would_hide_is_in_use() {
    let base = grow(LUCITY, 7, 60, 24);
    let mut in_use = 0;
    for errand in base.errands() {
        let (admitted, _) = write(&base, &errand);
        let body = String::from_utf8(admitted.body().to_vec()).unwrap();
        assert!(!body.contains(".example"), "{body}");
        assert!(!body.contains("License Code") && !body.contains("Encrypted Password"), "{body}");
        in_use += body.matches(r#"{"redacted":"in-use"}"#).count();
    }
    assert!(in_use > 100, "{in_use} values in use");
}
