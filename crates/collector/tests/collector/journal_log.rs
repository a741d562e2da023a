//! The journal's log: what it holds, and what an orderly stop leaves of it.

use crate::support::{Site, TestApp, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_what_is_committed() {
    let mut app = TestApp::start().await;
    let log = app.folder().join("journal.sqlite-wal");
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    for number in 1..=20 {
        assert_eq!(site.post(&app, &site.report(&policy, number)).await.status, 200);
    }
    // As a crash leaves it: the log beside a file that lacks what the log holds.
    let copy = tempfile::tempdir().unwrap();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        std::fs::copy(app.folder().join(name), copy.path().join(name)).unwrap();
    }
    let connection = rusqlite::Connection::open(copy.path().join("journal.sqlite")).unwrap();
    let held: i64 = connection.query_row("SELECT count(*) FROM reports", [], |row| row.get(0)).unwrap();
    assert_eq!(held, 20);
    drop(connection);

    app.stop().await;
    assert!(!log.exists() || std::fs::metadata(&log).unwrap().len() == 0, "an orderly stop leaves no log");
    app.resume().await;
    app.projected().await;
    assert_eq!(app.rows("SELECT count(*) FROM reports").await, [["20"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_outcomes_that_a_crash_forgot_are_counted_again() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    let mut report = site.report(&policy, 1);
    report["facts"]["undeclared"] = serde_json::json!(1);
    assert_eq!(site.post(&app, &report).await.status, 200);
    let counted = app.store().counters().outcomes().await.unwrap();
    assert!(counted.iter().any(|count| count.kind == "undeclared" && count.count == 1), "{counted:?}");
    app.stop().await;
    // What a crash before the counts were written leaves.
    let journal = rusqlite::Connection::open(app.folder().join("journal.sqlite")).unwrap();
    journal.execute_batch("DELETE FROM outcomes; UPDATE counted SET last_seq = 0").unwrap();
    drop(journal);
    app.resume().await;
    assert_eq!(app.store().counters().outcomes().await.unwrap(), counted);
    app.stop().await;
    app.resume().await;
    assert_eq!(app.store().counters().outcomes().await.unwrap(), counted, "and not a third time");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_reader_who_goes_away_takes_no_count_along() {
    let mut app = TestApp::start().await;
    let policy = app.publish(&manifest(None)).await;
    let site = Site::enrolled(&app, 1).await;
    for number in 1..=20 {
        assert_eq!(site.post(&app, &site.report(&policy, number)).await.status, 200);
        let counters = app.store().counters();
        let mut keeping = Box::pin(counters.keep_outcomes());
        // It has begun, and whoever asked for it is gone.
        let _ = futures::poll!(keeping.as_mut());
    }
    app.stop().await;
    let journal = rusqlite::Connection::open(app.folder().join("journal.sqlite")).unwrap();
    let sums = "SELECT (SELECT sum(count) FROM outcomes WHERE kind = 'accepted'), (SELECT sum(accepted) FROM reports)";
    let (counted, held): (i64, i64) =
        journal.query_row(sums, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(counted, held);
}
