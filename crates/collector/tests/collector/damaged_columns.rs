//! Columns that are damaged where it shows only later: set aside and built anew while the collector serves.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use candor_policy::Policy;

use crate::program::{Program, large_report, prepare, report};
use crate::support::Site;

/// Bytes that are overwritten at a place.
const DAMAGE_BYTES: usize = 2_000;
/// Where the first block begins, and how far the next ones are (DuckDB's file format).
const FIRST_BLOCK: usize = 3 * 4_096;
const BLOCK: usize = 262_144;
const PAGES: [&str; 5] = ["/", "/modules", "/settings", "/customers", "/platforms"];

/// A data folder with reports in both stores, and an account.
async fn filled(data: &Path) -> (Policy, Site) {
    let policy = prepare(data).await;
    let mut program = Program::start(data);
    program.sign_up().await;
    let site = Site::new(1);
    assert_eq!(program.enrol(&site).await, 200);
    for records in 1..=30 {
        assert_eq!(program.post(&site, &large_report(&site, &policy, records)).await, 200);
    }
    program.until_well().await;
    assert!(program.stop().1.success());
    (policy, site)
}

fn damage(file: &Path, place: u64) {
    let mut columns = std::fs::File::options().write(true).open(file).unwrap();
    columns.seek(SeekFrom::Start(place)).unwrap();
    columns.write_all(&[0xa5; DAMAGE_BYTES]).unwrap();
}

/// What the pages show, once each has been looked at and what that met is mended.
async fn shown(program: &Program) -> Vec<String> {
    let started = std::time::Instant::now();
    loop {
        program.until_well().await;
        let mut texts = Vec::new();
        for page in PAGES {
            let (status, text) = program.open(page).await;
            if status == 200 {
                texts.push(text);
            }
        }
        let (_, ready) = program.ready().await;
        if texts.len() == PAGES.len() && ready["columns"] == true && ready["batches_behind"] == 0 {
            return texts;
        }
        assert!(started.elapsed() < crate::program::PATIENCE, "{ready}\n{}", program.log());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// The numbers of a page's tables.
fn cells(page: &str) -> Vec<&str> {
    page.split("<td").skip(1).filter_map(|cell| cell.split_once("</td>").map(|(cell, _)| cell)).collect()
}

async fn all_is_mended(data: &Path, expected: &[String]) {
    let program = Program::start(data);
    // The page that follows may be the first to meet the damage.
    assert!([200, 500, 503].contains(&program.sign_in().await));
    let found = shown(&program).await;
    for (page, (found, expected)) in PAGES.iter().zip(found.iter().zip(expected)) {
        assert_eq!(cells(found), cells(expected), "{page}\n{}", program.log());
    }
    assert!(program.stop().1.success());
}

/// At many places: blocks of tables, of indexes, of the file's own directory.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_block_is_mended_while_the_collector_serves() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    filled(&data).await;
    let file = data.join("columns.duckdb");
    let sound = std::fs::read(&file).unwrap();
    let program = Program::start(&data);
    assert_eq!(program.sign_in().await, 200);
    let expected = shown(&program).await;
    assert!(program.stop().1.success());
    let blocks: Vec<_> = (FIRST_BLOCK + 600..sound.len()).step_by(BLOCK).collect();
    let thirds = |from: usize| blocks.iter().copied().skip(from).step_by(3).collect();
    let rounds: [Vec<usize>; 5] = [blocks.clone(), thirds(0), thirds(1), thirds(2), vec![600_000, 1_200_000]];
    for places in rounds {
        std::fs::write(&file, &sound).unwrap();
        places.iter().for_each(|place| damage(&file, *place as u64));
        all_is_mended(&data, &expected).await;
    }
    assert!(data.join("columns.duckdb.damaged").exists(), "it was set aside");
}

/// Guards against a projector that stands still where the damage comes while it serves.
#[tokio::test(flavor = "multi_thread")]
async fn damage_that_comes_while_the_collector_serves_is_mended_too() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (policy, site) = filled(&data).await;
    let program = Program::start(&data);
    assert_eq!(program.sign_in().await, 200);
    let file = data.join("columns.duckdb");
    let length = std::fs::metadata(&file).unwrap().len();
    for part in 1..16 {
        damage(&file, length * part / 16);
    }
    for records in 1..=5 {
        assert_eq!(program.post(&site, &report(&site, &policy, records)).await, 200);
    }
    shown(&program).await;
    program.until_well().await;
    assert!(program.stop().1.success());
    let again = Program::start(&data);
    assert_eq!(again.sign_in().await, 200);
    again.until_well().await;
    shown(&again).await;
}

/// Guards against a file that ends too early, which is no block with a wrong checksum.
#[tokio::test(flavor = "multi_thread")]
async fn columns_that_were_cut_off_are_mended() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    filled(&data).await;
    let program = Program::start(&data);
    assert_eq!(program.sign_in().await, 200);
    let expected = shown(&program).await;
    assert!(program.stop().1.success());
    let file = data.join("columns.duckdb");
    let length = std::fs::metadata(&file).unwrap().len();
    std::fs::File::options().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
    all_is_mended(&data, &expected).await;
}
