//! A journal whose files are taken away while the collector serves: what is written then would be lost, so nothing is acknowledged.
#![cfg(unix)]

use std::path::Path;

use crate::program::{Program, journal, prepare, report, serving};
use crate::support::Site;

const FILES: [&str; 3] = ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"];

/// Serves, takes one report, and then this is done to the data folder. Says whether one more report was acknowledged, and how
/// ready the collector says it is.
async fn after(what: impl FnOnce(&Path)) {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, program, site) = serving(&data).await;
    program.until_well().await;
    what(&data);
    for records in 2..=4 {
        let status = program.post(&site, &report(&site, &policy, records)).await;
        assert_eq!(status, 503, "{}", program.log());
    }
    assert_eq!(program.enrol(&Site::new(2)).await, 503);
    let gone = |status, ready: &serde_json::Value| status == 503 && ready["fault"].is_string();
    program.until_ready("not ready", gone).await;
    let (_, ready) = program.ready().await;
    assert!(ready["fault"].as_str().unwrap().contains("put the file back"), "{ready}");
    assert_eq!(program.open("/healthz").await.0, 200);
    assert!(program.log().contains("was removed or replaced while the collector runs"), "{}", program.log());
    program.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_is_given_where_the_journal_was_removed() {
    after(|data| FILES.iter().for_each(|file| std::fs::remove_file(data.join(file)).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_is_given_where_the_journal_was_replaced_by_its_backup() {
    after(|data| {
        let backup = data.join("backup");
        std::fs::copy(data.join(FILES[0]), &backup).unwrap();
        std::fs::rename(backup, data.join(FILES[0])).unwrap();
    })
    .await;
}

/// Guards against reports that are in the log alone, and gone with the machine.
#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_is_given_where_only_the_log_was_removed() {
    after(|data| std::fs::remove_file(data.join(FILES[1])).unwrap()).await;
}

/// Guards against another process that makes an index of its own, and the two that then overwrite each other's pages.
#[tokio::test(flavor = "multi_thread")]
async fn no_receipt_is_given_where_only_the_logs_index_was_removed() {
    after(|data| std::fs::remove_file(data.join(FILES[2])).unwrap()).await;
}

/// A folder that was moved and is put back: nothing was lost, so all goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_back_is_gone_on_with() {
    let place = tempfile::tempdir().unwrap();
    let (data, moved) = (place.path().join("data"), place.path().join("moved"));
    let policy = prepare(&data).await;
    let program = Program::start(&data);
    let site = Site::new(1);
    assert_eq!(program.enrol(&site).await, 200);
    std::fs::rename(&data, &moved).unwrap();
    let waiting = report(&site, &policy, 1);
    assert_eq!(program.post(&site, &waiting).await, 503);
    program.until_ready("not ready", |status, _| status == 503).await;
    std::fs::rename(&moved, &data).unwrap();
    program.until_ready("ready", |status, _| status == 200).await;
    assert_eq!(program.post(&site, &waiting).await, 200);
    assert_eq!(program.post(&site, &report(&site, &policy, 2)).await, 200);
    program.until_well().await;
    assert!(program.stop().1.success());
    assert_eq!(journal(&data).len(), 2);
}
