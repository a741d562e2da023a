//! `ingest`: a collector, another version of it where one is named, and the ceiling in turn, on one core, with the load on
//! another.
//!
//! All get the same requests, byte for byte. Each round starts each of them afresh, one after the other, so that whatever
//! the machine does meanwhile meets all; only the ratios within a run count.

mod collector;
mod print;
mod round;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::ensure;
use bytes::Bytes;
use candor_policy::{Clock, Policy};
use serde::Serialize;

use crate::figures::median;
use crate::machine::{Machine, stay_on_core};
use crate::requests::Requests;
use crate::server::neighbour;
use collector::{Collector, start_ceiling};
use round::{Lots, Measured, measured, medians};

/// The core that the servers run on.
const SERVER_CORE: usize = 0;
/// The core that the load runs on.
const LOAD_CORE: usize = 1;
/// Reports sent to a fresh server before anything is measured.
const WARM_UP: usize = 2_000;

const COLLECTOR: &str = "collector";
const AGAINST: &str = "against";
const CEILING: &str = "ceiling";

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct IngestSettings {
    /// The collector's program [default: the one beside this program]
    #[arg(long, alias = "collector-bin", value_name = "PATH")]
    collector: Option<PathBuf>,
    /// Another version of the collector's program, to be measured in turn with it
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
    /// The policy to report under
    #[arg(long, default_value = "examples/policies/lucity-data-collection.toml")]
    policy: PathBuf,
    /// How many rounds; each measures every server once
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Reports of the throughput measurement, each round
    #[arg(long, default_value_t = 20_000)]
    reports: usize,
    /// Connections, each with one report under way
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Reports a second of the waiting measurement
    #[arg(long, default_value_t = 5_000)]
    rate: u32,
    /// How long the waiting measurement lasts each round, seconds
    #[arg(long, default_value_t = 4)]
    seconds: u32,
    /// Where the servers keep their data; it must be a real disk
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
struct Ingest {
    machine: Machine,
    request_bytes: usize,
    connections: usize,
    rate: u32,
    rounds: Vec<Measured>,
    /// Each server's medians over the rounds.
    medians: Vec<Measured>,
    /// The collector's throughput as a share of the other version's: the median of the rounds' ratios.
    throughput_of_against: Option<f64>,
    /// The same as a share of the ceiling's.
    throughput_of_ceiling: f64,
    /// What checking a report's signature costs on the load's core, many at a time, microseconds. The ceiling does not.
    signature_microseconds: f64,
}

/// Measures, and prints.
pub(crate) fn run(settings: &IngestSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<()> {
    ensure!(settings.rounds > 0 && settings.connections > 0 && settings.rate > 0, "nothing to measure");
    let machine = Machine::look(&settings.folder)?;
    ensure!(machine.cores >= 2, "the servers need a core and the load needs another");
    stay_on_core(LOAD_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ingest = runtime.block_on(measure(settings, machine, clock))?;
    if settings.json {
        println!("{}", serde_json::to_string(&ingest)?);
    } else {
        print::print(&ingest);
    }
    Ok(())
}

async fn measure(
    settings: &IngestSettings,
    machine: Machine,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Ingest> {
    let folder = tempfile::Builder::new().prefix("bench-ingest-").tempdir_in(&settings.folder)?;
    let collectors = collectors(settings, folder.path())?;
    let manifest = std::fs::read_to_string(collectors[0].policy())?;
    let policy =
        Policy::read(&manifest).map_err(|faults| anyhow::anyhow!("not a valid policy:\n{faults}"))?;
    let requests = Requests::prepare(Arc::new(policy), clock.now(), f64::from(settings.rate))?;
    let lots = lots(settings, &requests, clock)?;
    let mut rounds = Vec::new();
    for round in 1..=settings.rounds {
        let folder = tempfile::Builder::new().prefix("round-").tempdir_in(folder.path())?;
        rounds.extend(one_round(settings, &collectors, &requests, &lots, folder.path(), round, clock).await?);
        if !settings.json {
            eprintln!("round {round} of {}", settings.rounds);
        }
    }
    Ok(Ingest {
        machine,
        request_bytes: lots.at_rate.first().map_or(0, Bytes::len),
        connections: settings.connections,
        rate: settings.rate,
        medians: [COLLECTOR, AGAINST, CEILING].iter().filter_map(|name| medians(name, &rounds)).collect(),
        throughput_of_against: settings.against.as_ref().map(|_| throughput_ratio(&rounds, AGAINST)),
        throughput_of_ceiling: throughput_ratio(&rounds, CEILING),
        signature_microseconds: requests.signature_microseconds(),
        rounds,
    })
}

/// The versions to measure. They share one key, so that one policy names them all and all get the same requests.
fn collectors(settings: &IngestSettings, folder: &Path) -> anyhow::Result<Vec<Collector>> {
    let program = settings.collector.clone().map_or_else(|| neighbour("candor-collector"), Ok)?;
    let own = Collector::prepare(COLLECTOR, program, &settings.policy, folder)?;
    let other = settings.against.as_ref().map(|program| own.in_another_version(AGAINST, program));
    Ok(std::iter::once(own).chain(other).collect())
}

fn lots(settings: &IngestSettings, requests: &Requests, clock: &Arc<dyn Clock>) -> anyhow::Result<Lots> {
    // Number 0 is the one that shows how large answers are.
    let mut next = 1;
    let mut lot = |count: usize| {
        let numbers = next..next + count;
        next = numbers.end;
        requests.sign(numbers, &**clock)
    };
    Ok(Lots {
        warm_up: lot(WARM_UP)?,
        at_rate: lot((settings.rate * settings.seconds) as usize)?,
        at_full_speed: lot(settings.reports)?,
    })
}

/// Measures each server once. Two versions take turns in being first, since the disk's state is never quite the same for
/// the second.
async fn one_round(
    settings: &IngestSettings,
    collectors: &[Collector],
    requests: &Requests,
    lots: &Lots,
    folder: &Path,
    round: usize,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Vec<Measured>> {
    let mut order: Vec<&Collector> = collectors.iter().collect();
    if round.is_multiple_of(2) {
        order.reverse();
    }
    let mut all = Vec::new();
    let mut answer = None;
    for collector in order {
        let (server, answered) = collector.start(requests, folder, clock).await?;
        all.push(measured(collector.name(), &server, lots, settings).await?);
        if collector.name() == COLLECTOR {
            answer = Some(answered);
        }
    }
    if let Some(answer) = answer {
        let server = start_ceiling(folder, answer)?;
        all.push(measured(CEILING, &server, lots, settings).await?);
    }
    Ok(all)
}

/// The collector's throughput as a share of another server's: the median over the rounds.
fn throughput_ratio(rounds: &[Measured], other: &str) -> f64 {
    let of = |name: &str| -> Vec<f64> {
        rounds.iter().filter(|each| each.server == name).map(|each| each.throughput).collect()
    };
    median(of(COLLECTOR).into_iter().zip(of(other)).map(|(own, other)| own / other))
}
