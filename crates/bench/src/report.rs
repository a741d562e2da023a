//! `bench report`: how long the installer's one call lasts, as a whole process, with the collector in every mood.
//!
//! Each mood has a site of its own, so that what waits in one spool does not slow another. Every run is strict, so that
//! its exit code says whether the report arrived or waits.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use candor_policy::{Policy, SourceKind};
use serde::Serialize;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::figures::{aim, median, milliseconds, percentile, table};
use crate::machine::Machine;
use crate::policy::{own_policy, public_key, publish};
use crate::server::{Server, free_address, neighbour, run as run_command};

/// The longest that the whole process may take where the collector answers.
const ANSWERED_TARGET: Duration = Duration::from_millis(100);
/// The largest that the program may be, where it was built for release.
const SIZE_TARGET_BYTES: u64 = 12 * 1024 * 1024;
/// The end of the report's delivery is not the end of the process: it still writes down what waits, and goes.
const EXIT_ALLOWANCE: Duration = Duration::from_millis(150);
/// Exit codes of `candor report --strict`.
const DELIVERED: i32 = 0;
const WAITS: i32 = 4;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct ReportSettings {
    /// The customer's program [default: `candor`, beside this program]
    #[arg(long)]
    candor: Option<PathBuf>,
    /// The collector's program [default: `candor-collector`, beside this program]
    #[arg(long, alias = "collector-bin", value_name = "PATH")]
    collector: Option<PathBuf>,
    /// The policy to report under
    #[arg(long, default_value = "examples/policies/lucity-data-collection.toml")]
    policy: PathBuf,
    /// Runs with the collector answering or refusing
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Runs of each mood that lasts until the deadline
    #[arg(long, default_value_t = 5)]
    waiting_runs: usize,
    /// The deadline that the calls are given, seconds
    #[arg(long, default_value_t = 2)]
    deadline: u32,
    /// Where sites and collector keep their data
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a collector meets the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Mood {
    /// It is there and takes the report.
    Answering,
    /// Nothing listens at its address.
    Refusing,
    /// Its address answers to nothing, not even to be opened.
    BlackHoled,
    /// It takes the connection and stays silent.
    Stalling,
    /// Its name does not resolve.
    Unresolvable,
}

impl Mood {
    const ALL: [Self; 5] =
        [Self::Answering, Self::Refusing, Self::BlackHoled, Self::Stalling, Self::Unresolvable];

    fn words(self) -> &'static str {
        match self {
            Self::Answering => "answering",
            Self::Refusing => "refusing",
            Self::BlackHoled => "black-holed",
            Self::Stalling => "stalling after accept",
            Self::Unresolvable => "name does not resolve",
        }
    }
}

/// What one mood came to, milliseconds.
#[derive(Debug, Serialize)]
struct Measured {
    mood: Mood,
    runs: usize,
    median: f64,
    longest: f64,
    limit: f64,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
struct Calls {
    machine: Machine,
    deadline_milliseconds: f64,
    moods: Vec<Measured>,
    program_bytes: u64,
}

/// Measures, and prints.
pub(crate) fn run(settings: &ReportSettings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let calls = runtime.block_on(measure(settings))?;
    if settings.json {
        println!("{}", serde_json::to_string(&calls)?);
    } else {
        print(&calls);
    }
    Ok(())
}

async fn measure(settings: &ReportSettings) -> anyhow::Result<Calls> {
    let candor = settings.candor.clone().map_or_else(|| neighbour("candor"), Ok)?;
    let machine = Machine::look(&settings.folder)?;
    let folder = tempfile::Builder::new().prefix("bench-report-").tempdir_in(&settings.folder)?;
    let mut moods = Vec::new();
    for mood in Mood::ALL {
        let folder = folder.path().join(format!("{mood:?}"));
        std::fs::create_dir(&folder)?;
        let met = Met::start(mood, settings, &folder).await?;
        let site = Site::prepare(&candor, &met, settings, &folder)?;
        let until_deadline = matches!(mood, Mood::BlackHoled | Mood::Stalling);
        let runs = if until_deadline { settings.waiting_runs } else { settings.runs };
        let times = (0..runs.max(1)).map(|_| site.call(mood)).collect::<anyhow::Result<Vec<_>>>()?;
        let limit = match mood {
            Mood::Answering => ANSWERED_TARGET,
            _ => Duration::from_secs(settings.deadline.into()) + EXIT_ALLOWANCE,
        };
        let times = || times.iter().copied().map(milliseconds);
        moods.push(Measured {
            mood,
            runs: runs.max(1),
            median: median(times()),
            longest: percentile(times(), 1.0),
            limit: milliseconds(limit),
        });
    }
    Ok(Calls {
        machine,
        deadline_milliseconds: f64::from(settings.deadline) * 1000.0,
        moods,
        program_bytes: std::fs::metadata(&candor)?.len(),
    })
}

/// What a call meets: an address, the key to expect there, and whatever must stay alive for it.
struct Met {
    url: String,
    public_key: Option<String>,
    _server: Option<Server>,
    _open: Vec<TcpStream>,
    _listener: Option<Arc<TcpListener>>,
}

impl Met {
    async fn start(mood: Mood, settings: &ReportSettings, folder: &Path) -> anyhow::Result<Self> {
        let nothing =
            |url: String| Self { url, public_key: None, _server: None, _open: Vec::new(), _listener: None };
        Ok(match mood {
            Mood::Answering => Self::collector(settings, folder)?,
            Mood::Refusing => nothing(http(free_address()?)),
            Mood::BlackHoled => Self::black_hole().await?,
            Mood::Stalling => Self::stall().await?,
            // Reserved by RFC 2606 for what must never resolve.
            Mood::Unresolvable => nothing("https://collector.candor.invalid".to_owned()),
        })
    }

    fn collector(settings: &ReportSettings, folder: &Path) -> anyhow::Result<Self> {
        let program = settings.collector.clone().map_or_else(|| neighbour("candor-collector"), Ok)?;
        let data = folder.join("collector");
        std::fs::create_dir(&data)?;
        let public_key = public_key(&program, &data)?;
        let address = free_address()?;
        let own = own_policy(&settings.policy, &http(address), Some(&public_key), folder)?;
        publish(&program, &own, &data)?;
        let mut serve = Command::new(&program);
        serve.arg("serve").arg("--data").arg(&data).args(["--listen", &address.to_string()]);
        let server = Server::start(serve, address, &folder.join("collector.log"))?;
        Ok(Self {
            url: http(address),
            public_key: Some(public_key),
            _server: Some(server),
            _open: Vec::new(),
            _listener: None,
        })
    }

    /// A listener whose queue is full drops whoever knocks, without a word: that is Linux's way.
    async fn black_hole() -> anyhow::Result<Self> {
        const KNOCK: Duration = Duration::from_millis(300);
        const MOST: usize = 64;
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let listener = socket.listen(1)?;
        let address = listener.local_addr()?;
        let mut open = Vec::new();
        while let Ok(connected) = tokio::time::timeout(KNOCK, TcpStream::connect(address)).await {
            open.push(connected?);
            ensure!(open.len() < MOST, "a listener's queue does not fill here, so there is no black hole");
        }
        Ok(Self {
            url: http(address),
            public_key: None,
            _server: None,
            _open: open,
            _listener: Some(Arc::new(listener)),
        })
    }

    async fn stall() -> anyhow::Result<Self> {
        let listener = Arc::new(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?);
        let address = listener.local_addr()?;
        let accepting = Arc::clone(&listener);
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = accepting.accept().await {
                held.push(stream);
            }
        });
        Ok(Self {
            url: http(address),
            public_key: None,
            _server: None,
            _open: Vec::new(),
            _listener: Some(listener),
        })
    }
}

/// A customer's site: a policy that names the collector, and a state folder in which consent is granted.
struct Site {
    candor: PathBuf,
    policy: PathBuf,
    state: PathBuf,
    report: Vec<String>,
}

impl Site {
    fn prepare(candor: &Path, met: &Met, settings: &ReportSettings, folder: &Path) -> anyhow::Result<Self> {
        let policy = own_policy(&settings.policy, &met.url, met.public_key.as_deref(), folder)?;
        let declared = Policy::read(&std::fs::read_to_string(&policy)?)
            .map_err(|faults| anyhow::anyhow!("not a valid policy:\n{faults}"))?;
        let source = declared.sources.iter().find(|source| source.kind == SourceKind::Installer);
        let source = source.context("the policy has no source of kind installer")?;
        let version = declared.releases.names().last().map_or("1.0", String::as_str);
        let words = [
            "report",
            "--strict",
            "--source",
            source.id.as_str(),
            "--application",
            source.applications.first().context("the source has no application")?,
            "--version",
            version,
            "--deadline",
            &format!("{}s", settings.deadline),
        ];
        let site = Self {
            candor: candor.to_owned(),
            policy,
            state: folder.join("state"),
            report: words.map(str::to_owned).to_vec(),
        };
        let mut grant = site.command();
        grant.args(["consent", "grant", "--actor", "bench"]);
        run_command(grant)?;
        Ok(site)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.candor);
        command.arg("--policy").arg(&self.policy).arg("--state").arg(&self.state);
        command.env_remove("DO_NOT_TRACK").env_remove("CANDOR_CONSENT").env_remove("CANDOR_SETTINGS");
        command
    }

    /// One call of the installer, from its start to its exit.
    fn call(&self, mood: Mood) -> anyhow::Result<Duration> {
        let mut command = self.command();
        command.args(&self.report);
        let started = Instant::now();
        let output = command.output().context("cannot start candor")?;
        let lasted = started.elapsed();
        let expected = if mood == Mood::Answering { DELIVERED } else { WAITS };
        if output.status.code() != Some(expected) {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("with the collector {}, candor ended with {}:\n{said}", mood.words(), output.status);
        }
        Ok(lasted)
    }
}

fn http(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn print(calls: &Calls) {
    let row = |measured: &Measured| {
        vec![
            measured.mood.words().to_owned(),
            measured.runs.to_string(),
            format!("{:.1}", measured.median),
            format!("{:.1}", measured.longest),
            format!("{:.0}", measured.limit),
            aim(measured.longest <= measured.limit).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = calls.moods.iter().map(row).collect();
    println!("{}", calls.machine.line());
    println!("candor report, whole process; deadline {:.0} ms", calls.deadline_milliseconds);
    println!("{}", table(&["collector", "runs", "median ms", "longest ms", "limit ms", ""], &rows));
    println!(
        "candor: {:.1} MB (limit {:.0} MB for a release: {})",
        calls.program_bytes as f64 / 1_048_576.0,
        SIZE_TARGET_BYTES as f64 / 1_048_576.0,
        aim(calls.program_bytes <= SIZE_TARGET_BYTES)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_black_hole_lets_nobody_in_and_says_nothing() {
        let met = Met::black_hole().await.unwrap();
        let address: SocketAddr = met.url.trim_start_matches("http://").parse().unwrap();
        let knock = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await;
        assert!(knock.is_err(), "{knock:?}");
    }
}
