//! What a report becomes in the columns.

use serde_json::{Value, json};

use crate::support::{Site, TestApp, manifest};

/// Asks for what stands now.
fn current(columns: &str, condition: &str) -> String {
    format!(
        "SELECT {columns} FROM current_states JOIN names USING (name)
         WHERE is_whole AND month_until = 2147483647 AND {condition} ORDER BY ALL"
    )
}

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
    let current = app.rows(&current("key, number", "metric = 'record_counts'")).await;
    assert_eq!(current, [["ASSET", "5"]]);
    assert_eq!(app.rows("SELECT customer FROM installations").await, [["client 5"]]);
    let months = app.rows("SELECT strftime(month, '%Y-%m') FROM reports ORDER BY seq").await;
    // A period's end does not belong to it: February, April, March.
    assert_eq!(months, [["2026-02"], ["2026-04"], ["2026-03"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_word_on_the_customer_stands_in_one_life_after_a_restart_and_after_a_rebuild() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let (steady, restarted) = (Site::enrolled(&app, 1).await, Site::enrolled(&app, 2).await);
    // The second one says what the first one said, the third is older than it and comes later, the last one says nothing.
    let said = [
        ("02", Some("one"), "one"),
        ("04", Some("one"), "one"),
        ("03", Some("two"), "one"),
        ("04", Some("three"), "three"),
        ("05", None, "three"),
    ];
    let customers = "SELECT installation, name, customer FROM installations ORDER BY installation";
    for (site, first, restarts) in [(&steady, 1, false), (&restarted, 11, true)] {
        for (number, (month, customer, newest)) in (first..).zip(said) {
            let mut report = site.report(&policy, number);
            report["period"] =
                json!({ "start": "2026-01-01T00:00:00Z", "end": format!("2026-{month}-01T00:00:00Z") });
            match customer {
                Some(customer) => report["facts"]["client_id"] = json!(customer),
                None => drop(report["facts"].as_object_mut().unwrap().remove("client_id")),
            }
            assert_eq!(site.post(&app, &report).await.status, 200);
            app.projected().await;
            if restarts {
                app.stop().await;
                app.resume().await;
            }
            let held = app.rows(customers).await;
            assert_eq!(held.last().unwrap()[2], newest, "after report {number}, restarts: {restarts}");
        }
    }
    let held = app.rows(customers).await;
    assert_eq!(held.len(), 2);
    app.stop().await;
    std::fs::remove_file(app.columns_file()).unwrap();
    app.resume().await;
    app.projected().await;
    assert_eq!(app.rows(customers).await, held, "a rebuild says the same");
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
    let rows = app.rows(&current("metric, key, state, text", "true")).await;
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
async fn nothing_replaces_what_there_was() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    // The last one comes late, and says what was before.
    let said = [(1, "03", json!({ "ASSET": 5 })), (2, "05", json!({})), (3, "04", json!({ "ASSET": 4 }))];
    for (number, month, counts) in said {
        let mut report = site.report(&policy, number);
        report["period"] =
            json!({ "start": "2026-02-01T00:00:00Z", "end": format!("2026-{month}-01T00:00:00Z") });
        report["facts"]["record_counts"] = counts;
        assert_eq!(site.post(&app, &report).await.status, 200);
        app.projected().await;
    }
    let stands = current("key, state", "metric = 'record_counts'");
    assert_eq!(app.rows(&stands).await, [["NULL", "none"]]);
    app.stop().await;
    std::fs::remove_file(app.columns_file()).unwrap();
    app.resume().await;
    app.projected().await;
    assert_eq!(app.rows(&stands).await, [["NULL", "none"]], "a rebuild says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_measured_replaces_no_value() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let missing = [
        json!([]),
        json!([{ "metric": "record_counts", "key": "ASSET", "reason": "locked" }]),
        json!([{ "metric": "record_counts", "reason": "unreachable" }, { "metric": "os_version", "reason": "not-configured" }]),
    ];
    let counts = [json!({ "ASSET": 5, "WORKORDER": 1 }), json!({ "WORKORDER": 2 }), Value::Null];
    for ((number, counts), missing) in (1..).zip(counts).zip(missing) {
        let mut report = site.report(&policy, number);
        report["period"] =
            json!({ "start": "2026-02-01T00:00:00Z", "end": format!("2026-{:02}-01T00:00:00Z", number + 2) });
        let facts = report["facts"].as_object_mut().unwrap();
        facts.insert("record_counts".to_owned(), counts);
        if number == 3 {
            facts.retain(|metric, _| metric != "record_counts" && metric != "os_version");
        }
        report["not_measured"] = missing;
        assert_eq!(site.post(&app, &report).await.status, 200);
    }
    app.projected().await;
    let stands = current("metric, key, state, text, number", "metric IN ('record_counts', 'os_version')");
    let expected = [
        ["os_version", "NULL", "value", "Windows Server 2022", "NULL"],
        ["record_counts", "ASSET", "value", "NULL", "5"],
        ["record_counts", "WORKORDER", "value", "NULL", "2"],
    ];
    assert_eq!(app.rows(&stands).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_read_holds_no_other_up() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    for number in 1..=4 {
        assert_eq!(site.post(&app, &site.report(&policy, number)).await.status, 200);
    }
    app.projected().await;
    app.stop().await;
    // One says that it is compressed and is not, one is no report.
    let damage =
        "UPDATE reports SET body_form = 1 WHERE seq = 2; UPDATE reports SET body = x'7b7d' WHERE seq = 3";
    app.journal().execute_batch(damage).unwrap();
    std::fs::remove_file(app.columns_file()).unwrap();
    app.resume().await;
    assert_eq!(site.post(&app, &site.report(&policy, 5)).await.status, 200);
    app.projected().await;
    assert_eq!(app.rows("SELECT seq FROM reports ORDER BY seq").await, [["1"], ["4"], ["5"]]);
    let metrics = String::from_utf8(app.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("candor_reports_unreadable_total 2\n"), "{metrics}");
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
