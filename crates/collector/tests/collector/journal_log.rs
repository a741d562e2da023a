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
