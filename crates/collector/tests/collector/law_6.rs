//! Law 6: acknowledged means durable, and once.

use candor_policy::Clock;
use candor_policy::message::SignatureFields;
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Answer, Site, TestApp, collector_key, manifest};

fn verify(answer: &Answer) {
    let field = |name| answer.header(name).to_owned();
    let fields = SignatureFields {
        content_digest: field("content-digest"),
        signature_input: field("signature-input"),
        signature: field("signature"),
    };
    candor_policy::answer::verify(&answer.body, &fields, &collector_key()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_report_counts_once_and_says_what_is_held() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    report["facts"]["undeclared"] = json!(1);
    let first = site.post(&app, &report).await;
    verify(&first);
    let received_at = app.clock.now();
    app.clock.advance(SignedDuration::from_hours(1));
    let again = site.post(&app, &report).await;
    verify(&again);
    let (first, again) = (first.json(), again.json());
    assert_eq!((&first["duplicate"], &again["duplicate"]), (&json!(false), &json!(true)));
    for field in ["report_id", "received_digest", "stored_digest", "received_at", "accepted"] {
        assert_eq!(first[field], again[field], "{field}");
    }
    assert_eq!(first["received_at"], json!(received_at));
    assert_eq!(again["outcomes"][0], json!({ "kind": "undeclared", "count": 1 }), "without the example");
    app.projected().await;
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["1"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_sent_many_times_at_once_counts_once() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let report = site.report(&policy, 1);
    let sending = (0..40).map(|_| site.post(&app, &report));
    let answers = futures::future::join_all(sending).await;
    let new = answers.iter().filter(|answer| answer.json()["duplicate"] == false).count();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(new, 1);
    app.projected().await;
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["1"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_installation_never_overwrites_a_report() {
    let app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let (site, thief) = (Site::enrolled(&app, 1).await, Site::enrolled(&app, 2).await);
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    let answer = thief.post(&app, &thief.report(&policy, 1)).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("wrong-installation")));
    app.projected().await;
    let rows = app.rows("SELECT i.name FROM reports JOIN installations AS i USING (installation)").await;
    assert_eq!(rows, [[site.name.to_string()]]);
}

/// What all pages rest on, as text.
pub const FIGURES: [&str; 8] = [
    "SELECT seq::VARCHAR, report_id::VARCHAR, installation::VARCHAR, policy, source, version, month::VARCHAR, \
     period_end::VARCHAR, received_at::VARCHAR, address FROM reports ORDER BY ALL",
    "SELECT seq::VARCHAR, metric, key, state, text, number::VARCHAR, month::VARCHAR FROM facts ORDER BY ALL",
    "SELECT installation::VARCHAR, application, is_whole::VARCHAR, metric, key, state, text, number::VARCHAR, \
     number_before::VARCHAR, month_from::VARCHAR, month_until::VARCHAR FROM all_states JOIN names USING (name) ORDER BY ALL",
    "SELECT installation::VARCHAR, application, is_whole::VARCHAR, policy, version, period_end::VARCHAR, seq::VARCHAR, \
     month_from::VARCHAR, month_until::VARCHAR FROM headers ORDER BY ALL",
    "SELECT installation::VARCHAR, application, is_whole::VARCHAR, month_from::VARCHAR, month_until::VARCHAR, \
     last_end::VARCHAR FROM heard ORDER BY ALL",
    "SELECT installation::VARCHAR, name, customer, customer_name FROM installations ORDER BY ALL",
    "SELECT seq::VARCHAR, metric, kind, count::VARCHAR FROM outcomes ORDER BY ALL",
    "SELECT batch::VARCHAR, last_seq::VARCHAR, states_seq::VARCHAR FROM projected",
];

#[tokio::test(flavor = "multi_thread")]
async fn law_6b_a_deleted_file_is_rebuilt_to_the_same_figures() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(Some("whole"))).await;
    for byte in 1..=6 {
        let site = Site::enrolled(&app, byte).await;
        for number in 0..12 {
            let mut report = site.report(&policy, u128::from(byte) * 100 + number);
            report["facts"]["record_counts"]["ASSET"] = json!(number);
            // Out of order, as a spool delivers.
            let month = [5, 1, 4, 2, 3][(number % 5) as usize];
            report["period"] = json!({
                "start": format!("2026-{month:02}-01T00:00:00Z"), "end": format!("2026-{month:02}-01T00:00:00Z")
            });
            report["facts"]["surprise"] = json!(number);
            assert_eq!(site.post(&app, &report).await.status, 200);
            if number == 6 {
                app.projected().await;
            }
        }
    }
    app.projected().await;
    let before = figures(&app).await;
    assert_eq!(before[0].len(), 72);

    app.stop().await;
    std::fs::remove_file(app.columns_file()).unwrap();
    app.resume().await;
    app.projected().await;
    assert_eq!(figures(&app).await, before);

    app.stop().await;
    std::fs::write(app.columns_file(), b"this is no database").unwrap();
    app.resume().await;
    app.projected().await;
    assert_eq!(figures(&app).await, before);
}

async fn figures(app: &TestApp) -> Vec<Vec<Vec<String>>> {
    let mut all = Vec::new();
    for sql in FIGURES {
        all.push(app.rows(sql).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_served_once_and_a_second_collector_harms_nothing() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    app.projected().await;
    let second =
        candor_collector::serve::start(app.folder(), app.state().config.clone(), app.clock.clone()).await;
    let message = second.err().expect("the folder is taken").to_string();
    assert!(message.contains("another collector serves"), "{message}");
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["1"]]);
    app.stop().await;
    app.resume().await;
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["1"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_ahead_of_the_journal_are_built_anew() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    assert_eq!(site.post(&app, &site.report(&policy, 1)).await.status, 200);
    app.projected().await;
    app.stop().await;
    {
        // As after the journal was restored from an older copy.
        let columns = duckdb::Connection::open(app.columns_file()).unwrap();
        columns.execute_batch("UPDATE projected SET batch = 9, last_seq = 9; DELETE FROM facts").unwrap();
    }
    app.resume().await;
    app.projected().await;
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["1"]]);
    assert_eq!(app.rows("SELECT batch, last_seq FROM projected").await, [["1", "1"]]);
    assert_ne!(app.rows("SELECT count(*) FROM facts").await, [["0"]]);
}
