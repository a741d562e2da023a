//! Prints everything that a collector keeps, one value a line as JSON: what it is, and in which column of which store.
//!
//! `cargo run --example kept -- DIR`, where DIR is the data folder of a collector that has ended. For an auditor's eyes, and
//! for tests that look for what must not be there.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use candor_testing::collector::cells::cells;
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).context("name a data folder")?;
    let mut out = std::io::stdout().lock();
    for cell in cells(&folder)? {
        writeln!(out, "{}", json!({ "place": cell.place, "text": cell.text }))?;
    }
    Ok(())
}
