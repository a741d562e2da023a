//! The end: it comes within seconds whatever clients do, and what was counted is kept.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;

use crate::program::{Program, prepare, report, serving};
use crate::support::{Site, TestApp};

/// Five seconds, and as much again for a busy machine; open requests alone had ten.
const SOON: Duration = Duration::from_secs(9);

/// Connections that each leave something open: nothing said, half a header, half a body, half a TLS greeting, a kept-alive one.
fn open_connections(program: &Program) -> Vec<TcpStream> {
    let address = program.url.strip_prefix("http://").unwrap();
    let half_a_body = "POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{";
    let half_an_h2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let said = [
        "",
        "GET /hea",
        half_a_body,
        "\u{16}\u{3}\u{1}",
        half_an_h2,
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    ];
    let said = said.iter().cycle().take(60);
    said.map(|said| {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(said.as_bytes()).unwrap();
        connection
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_within_seconds_whatever_clients_do() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (_, program, _) = serving(&data).await;
    let connections = open_connections(&program);
    // The last of them has been taken in.
    assert_eq!(program.open("/healthz").await.0, 200);
    let (took, status) = program.stop();
    assert!(status.success() && took < SOON, "{took:?} {status}");
    drop(connections);
    assert_eq!(crate::program::journal(&data).len(), 1);
}

/// Guards against another process that holds the journal's lock: a stop that waits for it would be killed.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_within_seconds_while_the_journal_is_locked() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, program, site) = serving(&data).await;
    let locked = rusqlite::Connection::open(data.join("journal.sqlite")).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    // It waits for the lock, and nobody tells it that it was stored.
    let url = program.url.clone();
    let waiting = {
        let (site, report) = (site.clone(), report(&site, &policy, 2));
        tokio::spawn(async move {
            let body = serde_json::to_vec(&report).unwrap();
            crate::program::send(&url, &site, candor_policy::wire_paths::REPORTS, body).await
        })
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (took, status) = program.stop();
    assert!(status.success() && took < SOON, "{took:?} {status}");
    assert_ne!(waiting.await.unwrap(), Some(200));
    drop(locked);
    assert_eq!(crate::program::journal(&data).len(), 1);
}

/// A query that would take hours ends with the columns.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_runs_for_long_holds_up_no_stop() {
    let mut app = TestApp::start().await;
    let columns = app.store().columns().clone();
    let endless = "SELECT sum(a.range * b.range) FROM range(100000000) a, range(100000000) b";
    let running = tokio::spawn(async move { columns.query(|reader| reader.rows_as_text(endless)).await });
    while app.store().columns().reads_running() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.stop().await;
    assert!(running.await.unwrap().is_err(), "it was ended");
}

/// What was counted since the counts were last kept, a few seconds ago at most, survives the stop.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_that_were_just_counted_are_kept_at_a_stop() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let policy = prepare(&data).await;
    for round in 1..=3_i64 {
        let program = Program::start(&data);
        let stranger = Site::new(7);
        for number in 0..5 {
            assert_ne!(program.post(&stranger, &report(&stranger, &policy, number)).await, 200);
        }
        assert!(program.stop().1.success());
        let journal = rusqlite::Connection::open(data.join("journal.sqlite")).unwrap();
        let counted: i64 =
            journal.query_row("SELECT sum(count) FROM request_counts", [], |row| row.get(0)).unwrap();
        assert_eq!(counted, 5 * round);
    }
}

/// Errors that come again are one line with a count, also of those that were counted when the program ended.
#[tokio::test(flavor = "multi_thread")]
async fn errors_that_come_again_are_summed_up_in_the_log() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let policy = prepare(&data).await;
    let program = Program::start(&data);
    let site = Site::new(1);
    assert_eq!(program.enrol(&site).await, 200);
    let journal = rusqlite::Connection::open(data.join("journal.sqlite")).unwrap();
    let fails = "CREATE TRIGGER fails BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'it fails'); END";
    journal.execute_batch(fails).unwrap();
    drop(journal);
    for number in 0..40 {
        assert_eq!(program.post(&site, &report(&site, &policy, number)).await, 500);
    }
    program.signal(Signal::TERM);
    let log = program.until_ended();
    let failed: Vec<_> = log.lines().filter(|line| line.contains("a group commit failed")).collect();
    assert_eq!(failed.len(), 2, "{log}");
    assert!(failed[1].contains("again within a minute") && failed[1].contains("times=39"), "{log}");
    assert!(!log.contains('\u{1b}'), "no colours in a file: {log}");
}
