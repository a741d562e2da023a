//! Law 7: every loss has a name.

use serde_json::json;

use crate::support::{Browser, Site, TestApp, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn law_7_every_loss_has_a_name() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut told = std::collections::BTreeMap::new();
    let mut sent = 0;
    for number in 0..5 {
        let mut report = site.report(&policy, number);
        report["facts"]["nobody_declared_this"] = json!("x");
        report["facts"]["record_counts"]["OTHER"] = json!(1);
        report["facts"]["os_version"] = json!(17);
        report["withheld"] = json!(["client_id"]);
        report["facts"].as_object_mut().unwrap().remove("client_id");
        report["not_measured"] = json!([{ "metric": "record_counts", "key": "ASSET", "reason": "locked" }]);
        let answer = site.post(&app, &report).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let receipt = answer.json();
        // Facts: os_version, counts ASSET WORKORDER OTHER, three options, one undeclared.
        sent += 8;
        *told.entry("accepted".to_owned()).or_default() += receipt["accepted"].as_u64().unwrap();
        for outcome in receipt["outcomes"].as_array().unwrap() {
            *told.entry(outcome["kind"].as_str().unwrap().to_owned()).or_default() +=
                outcome["count"].as_u64().unwrap();
        }
    }
    assert_eq!(site.post(&app, &site.report(&policy, 0)).await.json()["duplicate"], true);
    let values: u64 = ["accepted", "undeclared", "wrong-type"].iter().map(|kind| told[*kind]).sum();
    assert_eq!(values, sent, "every value that was sent is accepted or named: {told:?}");

    // What the senders were told is what the staff see.
    app.projected().await;
    let rows = app.rows("SELECT kind, sum(count)::BIGINT FROM outcomes GROUP BY kind ORDER BY kind").await;
    let shown: std::collections::BTreeMap<_, u64> =
        rows.into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect();
    assert_eq!(shown, told);

    // Refusals are counted, in the metrics at once and in the journal at the latest when the collector stops.
    assert_eq!(Site::new(2).post(&app, &site.report(&policy, 77)).await.status, 401);
    let metrics = String::from_utf8(app.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("candor_reports_refused_total{code=\"unknown-installation\"} 1"), "{metrics}");
    app.stop().await;
    app.resume().await;
    let counts = app.store().counters().requests().await.unwrap();
    assert_eq!((counts.repeated, counts.refused.get("unknown-installation")), (1, Some(&1)));

    // And so the staff see them: which request was refused why, and what came twice.
    Browser::signed_in(&app).await.open("/").await.shows(&[
        "1 request was refused, 1 of them as unknown-installation. 1 report came twice and was kept once.",
        "The installation is not enrolled",
        "enrols its key, then sends it again",
        "/figures/refusals.csv",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_the_journals_alone() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    app.state().projected.failed();
    let ready = app.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["columns"]), (200, &json!(false)), "reports are still taken");

    let journal = app.journal();
    let full = "CREATE TRIGGER full BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    journal.execute_batch(full).unwrap();
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 500);
    let ready = app.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["journal"]), (503, &json!(false)));
    // Only another commit can show that it works again, so senders are let in again after a while.
    app.clock.advance(jiff::SignedDuration::from_secs(11));
    assert_eq!(app.get("/readyz").await.status, 200);
    journal.execute_batch("DROP TRIGGER full").unwrap();
    drop(journal);
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_collector_says_how_it_is() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.body, b"ok\n");
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json(), json!({ "journal": true, "columns": true, "batches_behind": 0 }));
}
