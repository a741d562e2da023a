//! `candor-fleet`: simulates an installed base.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use candor_fleet::{Settings, SimulationSettings, SystemClock, simulate};
use candor_policy::{Clock, Policy};
use clap::{Args, Parser, Subcommand};
use ed25519_dalek::SigningKey;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// An installed base, simulated through the real wire format
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send the reports of a simulated installed base to a collector
    ///
    /// Installers and utilities report when they ran. Batches and apps report once a month with that month's counts, also
    /// where the policy says once a day: the figures by month are the same, from a thirtieth of the reports.
    Simulate(Simulate),
}

#[derive(Args)]
struct Simulate {
    /// The collector's address
    #[arg(long, default_value = "http://127.0.0.1:8787")]
    collector: String,
    /// The policy to report under; it must be published there
    #[arg(long, env = "CANDOR_POLICY")]
    policy: PathBuf,
    /// How many installations there are in the end
    #[arg(long, default_value_t = 300)]
    installations: usize,
    /// How many months, the last one included
    #[arg(long, default_value_t = 24)]
    months: u32,
    /// The same seed gives the same reports
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The last month, such as 2026-11 [default: the present one, up to now]
    #[arg(long)]
    until: Option<String>,
    /// The voucher key, as `candor-collector voucher key` made it; each simulated customer then has a voucher
    #[arg(long, value_name = "FILE", env = "CANDOR_VOUCHER_KEY")]
    voucher_key: Option<PathBuf>,
    /// How many requests are under way at once
    #[arg(long, default_value_t = 8)]
    in_flight: usize,
    /// Print the summary as JSON, and no progress
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Simulate(arguments) => run_simulation(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("candor-fleet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_simulation(arguments: &Simulate) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let settings = SimulationSettings {
        collector: arguments.collector.clone(),
        seed: arguments.seed,
        base: Settings {
            installations: arguments.installations,
            months: arguments.months,
            until: end_of(arguments.until.as_deref(), clock.now())?,
        },
        voucher_key: arguments.voucher_key.as_deref().map(read_voucher_key).transpose()?,
        in_flight: arguments.in_flight,
        quiet: arguments.json,
        clock,
    };
    let policy = read_policy(&arguments.policy)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the workers")?;
    let summary = runtime.block_on(simulate(&settings, policy))?;
    if arguments.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        println!("{}", summary.line());
    }
    if !summary.is_clean() {
        bail!("not every report arrived as it was sent");
    }
    Ok(())
}

fn read_policy(path: &std::path::Path) -> anyhow::Result<Arc<Policy>> {
    let manifest = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the policy {}", path.display()))?;
    Policy::read(&manifest)
        .map(Arc::new)
        .map_err(|faults| anyhow::anyhow!("{} is not a valid policy:\n{faults}", path.display()))
}

fn read_voucher_key(path: &std::path::Path) -> anyhow::Result<SigningKey> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the voucher key {}", path.display()))?;
    candor_policy::voucher::read_key(&text).with_context(|| {
        format!(
            "{} does not hold a voucher key; name the file that `candor-collector voucher key` made",
            path.display()
        )
    })
}

/// The end of a month, or now where that is earlier: a report from the future is refused.
fn end_of(month: Option<&str>, now: Timestamp) -> anyhow::Result<Timestamp> {
    let Some(month) = month else { return Ok(now) };
    let first: Date =
        format!("{month}-01").parse().with_context(|| format!("{month} is not a month; write 2026-11"))?;
    let end = first.checked_add(1.month())?.to_zoned(TimeZone::UTC)?.timestamp();
    Ok(end.min(now))
}
