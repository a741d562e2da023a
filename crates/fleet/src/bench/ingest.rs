//! `bench ingest`: the collector and the ceiling in turn, on one core, with the load on another.
//!
//! Both get the same requests, byte for byte. Each round starts both afresh, one after the other, so that whatever the
//! machine does meanwhile meets both; only the ratios within a run count.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use candor_policy::{Clock, Policy};
use serde::Serialize;

use super::ceiling::USUAL_FIELD_BYTES;
use super::figures::{median, milliseconds, percentile, table};
use super::load::{Answer, Connection, Load, closed, open};
use super::machine::{Machine, on_core, stay_on_core};
use super::policy::{own_policy, public_key, publish};
use super::requests::Requests;
use super::server::{Server, free_address, neighbour};
use crate::sender::{Sender, SenderSettings};

/// The core that the servers run on.
const SERVER_CORE: usize = 0;
/// The core that the load runs on.
const LOAD_CORE: usize = 1;
/// Reports sent to a fresh server before anything is measured.
const WARM_UP: usize = 2_000;
/// A wait from which on it is one of the long ones: a percentile alone does not say how many there are.
const LONG_WAIT: Duration = Duration::from_millis(2);
/// Least share of the ceiling's throughput, and most times its 99th percentile, that the collector aims at.
const TARGETS: (f64, f64) = (0.5, 5.0);

/// What to measure.
#[derive(clap::Args)]
pub struct IngestSettings {
    /// The collector's program [default: the one beside this program]
    #[arg(long)]
    collector_bin: Option<PathBuf>,
    /// The policy to report under
    #[arg(long, default_value = "examples/policies/lucity-data-collection.toml")]
    policy: PathBuf,
    /// How many rounds; each measures the collector and then the ceiling
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

/// One server in one round.
#[derive(Clone, Debug, Serialize)]
struct Measured {
    server: &'static str,
    /// Reports acknowledged durable per second, closed loop.
    throughput: f64,
    /// Waits at the set rate, open loop, milliseconds.
    p50: f64,
    p99: f64,
    p999: f64,
    /// Share of those that wait longer than [`LONG_WAIT`].
    long: f64,
    /// Processor time of the server per report at the set rate, microseconds.
    processor: f64,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
struct Ingest {
    machine: Machine,
    request_bytes: usize,
    connections: usize,
    rate: u32,
    rounds: Vec<Measured>,
    collector: Measured,
    ceiling: Measured,
    /// The collector's throughput as a share of the ceiling's: the median of the rounds' ratios.
    throughput_ratio: f64,
    /// What checking a report's signature costs on the load's core, many at a time, microseconds. The ceiling does not.
    signature_microseconds: f64,
    /// The collector's 99th percentile in times of the ceiling's, in the same way.
    p99_ratio: f64,
}

/// Measures, and prints.
pub(super) fn run(settings: &IngestSettings, clock: Arc<dyn Clock>) -> anyhow::Result<()> {
    ensure!(settings.rounds > 0 && settings.connections > 0 && settings.rate > 0, "nothing to measure");
    let machine = Machine::look(&settings.folder)?;
    ensure!(machine.cores >= 2, "the servers need a core and the load needs another");
    stay_on_core(LOAD_CORE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ingest = runtime.block_on(measure(settings, machine, clock))?;
    if settings.json {
        println!("{}", serde_json::to_string(&ingest)?);
    } else {
        print(&ingest);
    }
    Ok(())
}

/// What both servers get, in this order.
struct Lots {
    warm_up: Vec<Bytes>,
    at_rate: Vec<Bytes>,
    at_full_speed: Vec<Bytes>,
}

async fn measure(
    settings: &IngestSettings,
    machine: Machine,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Ingest> {
    let program = settings.collector_bin.clone().map_or_else(|| neighbour("candor-collector"), Ok)?;
    let folder = tempfile::Builder::new().prefix("bench-ingest-").tempdir_in(&settings.folder)?;
    let collector = Collector::prepare(program, &settings.policy, folder.path())?;
    let manifest = std::fs::read_to_string(&collector.policy)?;
    let policy = Policy::read(&manifest).map_err(|faults| anyhow::anyhow!("no policy:\n{faults}"))?;
    let requests = Requests::prepare(Arc::new(policy), clock.now(), f64::from(settings.rate))?;
    // Number 0 is the one that shows how large answers are.
    let mut next = 1;
    let mut lot = |count: usize| {
        let numbers = next..next + count;
        next = numbers.end;
        requests.sign(numbers, &*clock)
    };
    let lots = Lots {
        warm_up: lot(WARM_UP)?,
        at_rate: lot((settings.rate * settings.seconds) as usize)?,
        at_full_speed: lot(settings.reports)?,
    };
    let mut rounds = Vec::new();
    for round in 1..=settings.rounds {
        let folder = tempfile::Builder::new().prefix("round-").tempdir_in(folder.path())?;
        let (server, answer) = collector.start(&requests, folder.path(), &clock).await?;
        rounds.push(round_of("collector", &server, &lots, settings).await?);
        drop(server);
        let server = start_ceiling(folder.path(), answer)?;
        rounds.push(round_of("ceiling", &server, &lots, settings).await?);
        drop(server);
        if !settings.json {
            eprintln!("round {round} of {}", settings.rounds);
        }
    }
    let ratio = |figure: fn(&Measured) -> f64| {
        median(rounds.chunks_exact(2).map(|pair| figure(&pair[0]) / figure(&pair[1])))
    };
    Ok(Ingest {
        machine,
        request_bytes: lots.at_rate.first().map_or(0, Bytes::len),
        connections: settings.connections,
        rate: settings.rate,
        collector: middle("collector", &rounds),
        ceiling: middle("ceiling", &rounds),
        throughput_ratio: ratio(|measured| measured.throughput),
        signature_microseconds: requests.signature_microseconds(),
        p99_ratio: ratio(|measured| measured.p99),
        rounds,
    })
}

/// The collector's program, and what each of its fresh data folders holds at first.
struct Collector {
    program: PathBuf,
    /// The folder whose key each data folder gets, so that one policy names them all.
    first: PathBuf,
    policy: PathBuf,
}

impl Collector {
    fn prepare(program: PathBuf, policy: &Path, folder: &Path) -> anyhow::Result<Self> {
        let first = folder.join("first");
        std::fs::create_dir(&first)?;
        let key = public_key(&program, &first)?;
        let policy = own_policy(policy, "http://127.0.0.1", Some(&key), folder)?;
        Ok(Self { program, first, policy })
    }

    /// Starts it with an empty data folder, its policy published and the load's installations enrolled; and learns how
    /// large its answers are.
    async fn start(
        &self,
        requests: &Requests,
        folder: &Path,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<(Server, Answer)> {
        let data = folder.join("collector");
        std::fs::create_dir(&data)?;
        for entry in std::fs::read_dir(&self.first)? {
            let entry = entry?;
            std::fs::copy(entry.path(), data.join(entry.file_name()))?;
        }
        publish(&self.program, &self.policy, &data)?;
        let address = free_address()?;
        let mut serve = on_core(SERVER_CORE, &self.program);
        serve.arg("serve").arg("--data").arg(&data).args(["--listen", &address.to_string()]);
        let server = Server::start(serve, address, &folder.join("collector.log"))?;
        let collector = format!("http://{address}");
        let sender = Sender::new(&SenderSettings { collector, clock: Arc::clone(clock) })?;
        for site in requests.installations() {
            sender.enrol(site).await.context("the collector takes no enrolment")?;
        }
        let first = requests.sign(0..1, &**clock)?;
        let answer = Connection::open(address).await?.exchange(&first[0]).await?;
        ensure!(answer.status == 200, "the collector answered with {}:\n{}", answer.status, server.said());
        Ok((server, answer))
    }
}

/// Starts the ceiling, with answers as large as the collector's.
fn start_ceiling(folder: &Path, answer: Answer) -> anyhow::Result<Server> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let address = free_address()?;
    let mut serve = on_core(SERVER_CORE, &own);
    serve
        .arg("ceiling")
        .args(["--listen", &address.to_string()])
        .arg("--file")
        .arg(folder.join("ceiling"))
        .args(["--answer-bytes", &answer.body_bytes.to_string()])
        .args(["--header-bytes", &answer.header_bytes.saturating_sub(USUAL_FIELD_BYTES).to_string()]);
    Server::start(serve, address, &folder.join("ceiling.log"))
}

async fn round_of(
    name: &'static str,
    server: &Server,
    lots: &Lots,
    settings: &IngestSettings,
) -> anyhow::Result<Measured> {
    let said = || format!("the {name} said:\n{}", server.said());
    closed(server.address(), &lots.warm_up, settings.connections).await.with_context(said)?;
    let before = server.processor_time().unwrap_or_default();
    let rate = f64::from(settings.rate);
    // More connections than reports under way at any moment, unless the server falls far behind.
    let load =
        open(server.address(), &lots.at_rate, 4 * settings.connections, rate).await.with_context(said)?;
    let used = server.processor_time().unwrap_or_default().saturating_sub(before);
    let full =
        closed(server.address(), &lots.at_full_speed, settings.connections).await.with_context(said)?;
    let wait = |share| percentile(load.waits.iter().copied().map(milliseconds), share);
    Ok(Measured {
        server: name,
        throughput: per_second(&full),
        p50: wait(0.5),
        p99: wait(0.99),
        p999: wait(0.999),
        long: load.waits.iter().filter(|wait| **wait > LONG_WAIT).count() as f64
            / load.waits.len().max(1) as f64,
        processor: per_report(used, &load),
    })
}

fn per_second(load: &Load) -> f64 {
    load.waits.len() as f64 / load.elapsed.as_secs_f64().max(f64::EPSILON)
}

fn per_report(used: Duration, load: &Load) -> f64 {
    used.as_secs_f64() * 1e6 / load.waits.len().max(1) as f64
}

/// The medians of one server over the rounds.
fn middle(name: &'static str, rounds: &[Measured]) -> Measured {
    let of = |figure: fn(&Measured) -> f64| {
        median(rounds.iter().filter(|measured| measured.server == name).map(figure))
    };
    Measured {
        server: name,
        throughput: of(|measured| measured.throughput),
        p50: of(|measured| measured.p50),
        p99: of(|measured| measured.p99),
        p999: of(|measured| measured.p999),
        long: of(|measured| measured.long),
        processor: of(|measured| measured.processor),
    }
}

fn print(ingest: &Ingest) {
    let row = |name: String, measured: &Measured| {
        vec![
            name,
            format!("{:.0}", measured.throughput),
            format!("{:.2}", measured.p50),
            format!("{:.2}", measured.p99),
            format!("{:.2}", measured.p999),
            format!("{:.2}", 100.0 * measured.long),
            format!("{:.0}", measured.processor),
        ]
    };
    let mut rows: Vec<Vec<String>> = ingest
        .rounds
        .iter()
        .enumerate()
        .map(|(index, measured)| row(format!("round {} {}", index / 2 + 1, measured.server), measured))
        .collect();
    rows.push(row("median collector".to_owned(), &ingest.collector));
    rows.push(row("median ceiling".to_owned(), &ingest.ceiling));
    let headings = ["", "reports/s", "p50 ms", "p99 ms", "p99.9 ms", "% > 2 ms", "CPU us/report"];
    println!("{}", ingest.machine.line());
    println!(
        "requests of {} bytes; throughput: {} connections, closed loop; waits: open loop at {} reports/s",
        ingest.request_bytes, ingest.connections, ingest.rate
    );
    println!("{}", table(&headings, &rows));
    let (least_share, most_times) = TARGETS;
    let verdict = |holds: bool| if holds { "met" } else { "missed" };
    println!(
        "throughput: {:.2} of the ceiling's (target {least_share} or more: {})",
        ingest.throughput_ratio,
        verdict(ingest.throughput_ratio >= least_share)
    );
    let ceiling_microseconds = 1e6 / ingest.ceiling.throughput.max(1.0);
    println!(
        "  checking the signature of a report, many at a time: {:.0} us; the ceiling with nothing but this: {:.2}",
        ingest.signature_microseconds,
        ceiling_microseconds / (ceiling_microseconds + ingest.signature_microseconds)
    );
    println!(
        "p99 at {} reports/s: {:.2} times the ceiling's (target {most_times} or less: {})",
        ingest.rate,
        ingest.p99_ratio,
        verdict(ingest.p99_ratio <= most_times)
    );
}
