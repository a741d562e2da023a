//! The wire: a small collector that checks every request's signature, and is not always in a good mood.

#![expect(clippy::unwrap_used, reason = "helpers of tests; what is not there fails the test")]

use std::sync::Arc;

use candor_fleet::{Settings, SimulationSettings, Summary, SystemClock, simulate};
use candor_policy::{Policy, ProblemCode, Report, admit};
use candor_testing::site::collector::{Behaviour, TestCollector};

fn policy() -> Arc<Policy> {
    let path = format!("{}/../../examples/policies/lucity-data-collection.toml", env!("CARGO_MANIFEST_DIR"));
    Arc::new(Policy::read(&std::fs::read_to_string(path).unwrap()).unwrap())
}

async fn simulated(collector: &TestCollector) -> anyhow::Result<Summary> {
    let settings = SimulationSettings {
        collector: collector.url.clone(),
        seed: 7,
        base: Settings { installations: 12, months: 24, until: "2026-11-21T00:00:00Z".parse().unwrap() },
        voucher_key: None,
        in_flight: 4,
        quiet: true,
        clock: Arc::new(SystemClock),
    };
    simulate(&settings, policy()).await
}

#[tokio::test]
async fn every_report_arrives_signed_as_it_was_admitted_and_once() {
    let collector = TestCollector::start(Behaviour::Hold);
    let summary = simulated(&collector).await.unwrap();
    assert!(summary.is_clean(), "{summary:?}");
    assert_eq!(summary.stored, summary.reports);
    assert!(summary.reports > 100 && summary.outcomes["accepted"] > summary.reports);
    assert_eq!(collector.reports().len() as u64, summary.reports);
    for bytes in collector.reports() {
        let (admitted, _) = admit(&policy(), Report::parse(&bytes).unwrap()).unwrap();
        assert_eq!(admitted.body(), bytes, "what was admitted once is admitted unchanged");
    }
    let encodings = collector.encodings();
    assert!(encodings.contains(&None) && encodings.contains(&Some("gzip".to_owned())), "{encodings:?}");

    let again = simulated(&collector).await.unwrap();
    assert!(again.is_clean());
    assert_eq!((again.stored, again.duplicates), (0, summary.reports));
}

#[tokio::test]
async fn a_collector_that_asks_for_patience_gets_everything_later() {
    let collector = TestCollector::start(Behaviour::RefuseEvery(5));
    let summary = simulated(&collector).await.unwrap();
    assert!(summary.is_clean(), "{summary:?}");
    let sent =
        collector.requests().iter().filter(|path| *path == candor_policy::wire_paths::REPORTS).count() as u64;
    assert!(sent > summary.reports + 20, "{sent} requests for {} reports", summary.reports);
}

#[tokio::test]
async fn a_policy_that_is_not_published_ends_the_simulation_at_once() {
    let collector = TestCollector::start(Behaviour::Refuse(ProblemCode::UnknownPolicy, None));
    let error = simulated(&collector).await.unwrap_err();
    assert!(format!("{error:#}").contains("unknown-policy"), "{error:#}");
}
