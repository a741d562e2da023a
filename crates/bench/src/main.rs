//! `candor-bench`: what the collector and the installer's call cost.
//!
//! Every measurement talks to 127.0.0.1 alone, runs for a bounded time, and stands beside something measured in the same run.

mod ceiling;
mod figures;
mod ingest;
mod load;
mod machine;
mod pages;
mod policy;
mod report;
mod requests;
mod server;

use std::process::ExitCode;
use std::sync::Arc;

use candor_fleet::SystemClock;
use candor_policy::Clock;
use clap::Parser;

/// The collector's allocator: the ceiling is to differ from the collector only in what it leaves out.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(version, about = "Measures the collector and the installer's call")]
enum Command {
    /// Reports acknowledged durable per second, and how long each waits, beside a ceiling measured in the same run
    Ingest(ingest::IngestSettings),
    /// How long each page and each file of a figure takes over a large installed base; how fast its columns are rebuilt
    Pages(pages::PagesSettings),
    /// How long `candor report` takes, as a whole process, with the collector answering and not
    Report(report::ReportSettings),
    /// The server that `ingest` compares the collector with
    #[command(hide = true)]
    Ceiling(ceiling::CeilingSettings),
}

fn main() -> ExitCode {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let result = match Command::parse() {
        Command::Ingest(settings) => ingest::run(&settings, &clock),
        Command::Pages(settings) => pages::run(&settings, &clock),
        Command::Report(settings) => report::run(&settings),
        Command::Ceiling(settings) => ceiling::serve(&settings),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("candor-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
