//! What a report becomes in the columns.

use serde_json::json;

use crate::support::{Site, TestApp, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_period_is_current_whenever_it_arrives() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    for (number, end, count) in [(1, "2026-03-01", 3), (2, "2026-05-01", 5), (3, "2026-04-01", 4)] {
        let mut report = site.report(&policy, number);
        report["period"] = json!({ "start": "2026-02-01T00:00:00Z", "end": format!("{end}T00:00:00Z") });
        report["facts"]["client_id"] = json!(format!("client {count}"));
        report["facts"]["record_counts"] = json!({ "ASSET": count });
        assert_eq!(site.post(&app, &report).await.status, 200);
        app.projected().await;
    }
    let current =
        app.rows("SELECT key, number FROM current_facts WHERE metric = 'record_counts' ORDER BY key").await;
    assert_eq!(current, [["ASSET", "5"]]);
    assert_eq!(app.rows("SELECT customer FROM installations").await, [["client 5"]]);
    let months = app.rows("SELECT strftime(month, '%Y-%m') FROM reports ORDER BY seq").await;
    // A period's end does not belong to it: February, April, March.
    assert_eq!(months, [["2026-02"], ["2026-04"], ["2026-03"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn withheld_unset_and_not_measured_stay_distinct() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    report["facts"].as_object_mut().unwrap().remove("client_id");
    report["facts"].as_object_mut().unwrap().remove("record_counts");
    report["withheld"] = json!(["client_id"]);
    report["not_measured"] = json!([{ "metric": "record_counts", "reason": "unreachable" }]);
    assert_eq!(site.post(&app, &report).await.status, 200);
    app.projected().await;
    let rows = app.rows("SELECT metric, key, state, text FROM current_facts ORDER BY metric, key").await;
    let expected = [
        ["client_id", "NULL", "withheld", "NULL"],
        ["options", "WKOPTIONS.EMPTY", "value", ""],
        ["options", "WKOPTIONS.MODE", "value", "fast"],
        ["options", "WKOPTIONS.UNSET", "unset", "NULL"],
        ["os_version", "NULL", "value", "Windows Server 2022"],
        ["record_counts", "NULL", "not-measured", "unreachable"],
    ];
    assert_eq!(rows, expected);
    assert_eq!(app.rows("SELECT customer FROM installations").await, [["NULL"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_on_the_dashboard_within_two_seconds() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    let acknowledged = std::time::Instant::now();
    app.projected().await;
    assert!(acknowledged.elapsed() < std::time::Duration::from_secs(2), "{:?}", acknowledged.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn both_example_policies_can_be_published() {
    let app = TestApp::start().await;
    for manifest in [
        include_str!("../../../../examples/policies/lucity-data-collection.toml"),
        include_str!("../../../../examples/policies/cireson-product-metrics.toml"),
    ] {
        let ours = candor_policy::Policy::read(manifest).unwrap().collector.public_key.to_string();
        app.publish(&manifest.replace(&ours, &crate::support::collector_key().to_string())).await;
    }
    assert_eq!(app.store().policies().list().await.unwrap().len(), 2);
}
