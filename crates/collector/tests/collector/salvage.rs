//! A damaged page in the journal: what can be read is taken out, each report held against its digest, and what was lost is named.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use candor_policy::{Digest, Policy};

use crate::program::{Program, journal, prepare, report};
use crate::support::Site;

const PAGE_BYTES: u64 = 4_096;
const REPORTS: usize = 300;

/// A data folder whose reports fill some pages, and the collector has ended.
async fn filled(data: &Path) -> (Policy, Site) {
    let policy = prepare(data).await;
    let mut program = Program::start(data);
    program.sign_up().await;
    let site = Site::new(1);
    assert_eq!(program.enrol(&site).await, 200);
    for records in 0..REPORTS as u64 {
        assert_eq!(program.post(&site, &report(&site, &policy, records)).await, 200);
    }
    assert!(program.stop().1.success());
    (policy, site)
}

/// The pages of a table, its root first.
fn pages(data: &Path, table: &str) -> Vec<u64> {
    let journal = rusqlite::Connection::open(data.join("journal.sqlite")).unwrap();
    let root: i64 = journal
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table], |row| row.get(0))
        .unwrap();
    drop(journal);
    let root = root.unsigned_abs();
    let mut pages = vec![root];
    let mut file = std::fs::File::open(data.join("journal.sqlite")).unwrap();
    let mut page = [0; PAGE_BYTES as usize];
    file.seek(SeekFrom::Start((root - 1) * PAGE_BYTES)).unwrap();
    file.read_exact(&mut page).unwrap();
    // An interior page of a table (SQLite's file format, section 1.6): each cell begins with a child's number.
    if page[0] == 5 {
        let cells = u16::from_be_bytes([page[3], page[4]]);
        for cell in 0..usize::from(cells) {
            let at = usize::from(u16::from_be_bytes([page[12 + 2 * cell], page[13 + 2 * cell]]));
            pages.push(u32::from_be_bytes(page[at..at + 4].try_into().unwrap()).into());
        }
    }
    pages
}

fn overwrite(data: &Path, page: u64, from: u64, bytes: &[u8]) {
    let mut file = std::fs::File::options().write(true).open(data.join("journal.sqlite")).unwrap();
    file.seek(SeekFrom::Start((page - 1) * PAGE_BYTES + from)).unwrap();
    file.write_all(bytes).unwrap();
}

/// What `journal salvage` says, and whether it ended well.
fn salvage(data: &Path, more: &[&str]) -> (String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    let ran = command.args(["journal", "salvage", "--data"]).arg(data).args(more).output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (said, ran.status.success())
}

/// Every report that a journal holds has the bytes that its receipt names.
fn all_are_sound(data: &Path) -> usize {
    let journal = rusqlite::Connection::open(data.join("journal.sqlite")).unwrap();
    let mut select = journal.prepare("SELECT body, stored_digest FROM reports WHERE body_form = 0").unwrap();
    let rows =
        select.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, [u8; 32]>(1)?))).unwrap();
    let rows: Vec<_> = rows.collect::<Result<_, _>>().unwrap();
    assert!(rows.iter().all(|(body, digest)| Digest::of(body).as_bytes() == digest));
    rows.len()
}

/// Starts on what was salvaged: it takes reports, shows them, and people sign in.
async fn goes_on(data: &Path, policy: &Policy, site: &Site) {
    let program = Program::start(data);
    assert_eq!(program.post(site, &report(site, policy, 1)).await, 200);
    program.until_well().await;
    assert_eq!(program.sign_in().await, 200);
    for page in ["/", "/customers", "/audit"] {
        assert_eq!(program.open(page).await.0, 200, "{page}\n{}", program.log());
    }
    assert!(program.stop().1.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_of_reports_costs_its_own_reports_alone() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = filled(&data).await;
    let held = journal(&data);
    let leaves = pages(&data, "reports");
    assert!(leaves.len() > 10, "{leaves:?}");
    overwrite(&data, leaves[4], 0, &[0xa5; PAGE_BYTES as usize]);

    let (said, done) = salvage(&data, &[]);
    assert!(done, "{said}");
    assert!(said.contains("installations: 1 kept, none lost") && said.contains(" lost: number "), "{said}");
    let kept = journal(&data);
    assert!(kept.len() > REPORTS - 60 && kept.len() < REPORTS, "{}", kept.len());
    assert!(kept.iter().all(|name| held.contains(name)));
    assert!(said.contains(&format!("reports: {} kept, {} lost", kept.len(), REPORTS - kept.len())), "{said}");
    assert_eq!(all_are_sound(&data), kept.len());
    assert!(data.join("journal.sqlite.damaged").exists());
    goes_on(&data, &policy, &site).await;
}

/// SQLite has no checksums: a page that can be read and says something else is found by the reports' digests.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_whose_bytes_are_others_is_left_out() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = filled(&data).await;
    let leaf = pages(&data, "reports")[6];
    // The end of a page holds the bodies of its first cells.
    overwrite(&data, leaf, PAGE_BYTES - 200, b"0");
    overwrite(&data, leaf, PAGE_BYTES - 100, b"{}");
    let (said, done) = salvage(&data, &["--json"]);
    assert!(done, "{said}");
    let salvaged: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(salvaged["reports"]["lost"].as_array().unwrap().len(), 1, "{said}");
    assert_eq!(all_are_sound(&data), REPORTS - 1);
    goes_on(&data, &policy, &site).await;
}

/// The last page: where the table ends cannot be read there.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_last_page_costs_what_came_last() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = filled(&data).await;
    let root = pages(&data, "reports")[0];
    let mut right = [0; 4];
    let mut file = std::fs::File::open(data.join("journal.sqlite")).unwrap();
    file.seek(SeekFrom::Start((root - 1) * PAGE_BYTES + 8)).unwrap();
    file.read_exact(&mut right).unwrap();
    overwrite(&data, u32::from_be_bytes(right).into(), 0, &[0; PAGE_BYTES as usize]);
    let (said, done) = salvage(&data, &[]);
    assert!(done, "{said}");
    let kept = journal(&data).len();
    assert!(kept > REPORTS - 60 && kept < REPORTS, "{kept}");
    assert!(said.contains(&format!("reports: {kept} kept, {} lost", REPORTS - kept)), "{said}");
    goes_on(&data, &policy, &site).await;
}

/// Accounts, policies and the audit log are taken out as well, and the log says what was done.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_journal_comes_through_whole() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = filled(&data).await;
    let held = journal(&data);
    let (said, done) = salvage(&data, &[]);
    assert!(done && !said.contains(" lost: "), "{said}");
    assert_eq!(journal(&data), held);
    let verified = Command::new(env!("CARGO_BIN_EXE_candor-collector"))
        .args(["audit", "verify", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let (said, done) = salvage(&data, &[]);
    assert!(!done && said.contains("journal.sqlite.damaged is there from an earlier salvage"), "{said}");
    goes_on(&data, &policy, &site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_served_is_not_salvaged() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    prepare(&data).await;
    let program = Program::start(&data);
    let (said, done) = salvage(&data, &[]);
    assert!(!done && said.contains("another collector serves"), "{said}");
    program.until_well().await;
}
