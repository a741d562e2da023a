//! What `candor-collector` does beside serving: one file a group of commands. Each works on a data folder, also while the
//! collector runs.

pub mod account;
pub mod audit;
pub mod generate;
pub mod installation;
pub mod journal;
pub mod key;
pub mod policy;
pub mod voucher;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_collector::clock::SystemClock;
use candor_collector::data_folder;
use candor_collector::store::ControlStore;
use candor_policy::Clock;
use clap::Args;
use serde_json::Value;

/// Where a command works.
#[derive(Args)]
pub struct Data {
    /// The data folder: the key, the journal and the columns.
    #[arg(long, value_name = "DIR", env = "CANDOR_COLLECTOR_DATA")]
    pub data: PathBuf,
}

/// Where a command works, and how it answers.
#[derive(Args)]
pub struct Listing {
    #[command(flatten)]
    pub data: Data,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// The wall clock.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The store of a folder; its journal is made where there is none.
async fn store(data: &Path) -> anyhow::Result<ControlStore> {
    Ok(ControlStore::open(data).await?)
}

/// The store of a folder that a collector has served: what is read from any other would be a wrong answer.
async fn existing_store(data: &Path) -> anyhow::Result<ControlStore> {
    anyhow::ensure!(
        data_folder::has_journal(data),
        "{} is not a collector's data folder: it has no journal. Name the folder that `candor-collector serve` uses",
        data.display()
    );
    store(data).await
}

fn print_json(value: &Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    Ok(writeln!(out)?)
}
