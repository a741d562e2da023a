//! The benchmarks: what the collector takes beside a ceiling, and how long the installer's call lasts.
//!
//! They talk to 127.0.0.1 alone, run for a bounded time, and leave nothing behind.

mod ceiling;
mod figures;
mod ingest;
mod load;
mod machine;
mod policy;
mod report;
mod requests;
mod server;

use std::sync::Arc;

use candor_policy::Clock;

pub use ceiling::{CeilingSettings, serve as serve_ceiling};

/// What to measure.
#[derive(clap::Subcommand)]
pub enum Bench {
    /// Reports acknowledged durable per second, and how long each waits, beside a ceiling measured in the same run
    Ingest(ingest::IngestSettings),
    /// How long `candor report` takes, as a whole process, with the collector answering and not
    Report(report::ReportSettings),
}

/// Measures, and prints what was measured.
///
/// # Errors
/// Where a server does not start, a report is not acknowledged, or the machine lacks what the measurement needs.
pub fn run(bench: &Bench, clock: Arc<dyn Clock>) -> anyhow::Result<()> {
    match bench {
        Bench::Ingest(settings) => ingest::run(settings, clock),
        Bench::Report(settings) => report::run(settings),
    }
}
