//! An installed base in a collector's data folder, kept from run to run.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use candor_fleet::{Settings, SimulationSettings, simulate};
use candor_policy::{Clock, Policy};
use serde::{Deserialize, Serialize};

use super::PagesSettings;
use super::watcher::Watcher;
use crate::policy::{own_policy, public_key, publish};
use crate::server::{Server, free_address, run};

/// Written last: a folder without it is half a base.
const MADE: &str = "made.json";
const SEED: u64 = 7;
/// Requests under way at once.
const IN_FLIGHT: usize = 32;
/// All installations enrol and report from one address within minutes, which no real base does.
const CONFIGURATION: &str = "[caps]
reports_burst = 1000000
reports_per_minute = 1000000
enrolments_burst = 1000000
enrolments_per_minute = 1000000
";

/// Where a base of one size is kept, and the collector that keeps it.
pub(super) struct Base {
    program: PathBuf,
    folder: PathBuf,
}

/// How a base was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) installations: usize,
    pub(super) months: u32,
    pub(super) reports: u64,
    /// How long sending took.
    pub(super) sent_seconds: f64,
    /// How long after the last receipt the columns held everything.
    pub(super) behind_seconds: f64,
}

/// How fast deleted columns came back.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Rebuilt {
    /// From the start of the program until the columns held everything.
    pub(super) seconds: f64,
    pub(super) reports_per_second: f64,
}

impl Base {
    pub(super) fn of(settings: &PagesSettings, program: PathBuf) -> Self {
        let size = format!("{}-installations-{}-months", settings.installations, settings.months);
        Self { program, folder: settings.folder.join(size) }
    }

    /// Finds the base, or makes it.
    pub(super) async fn make(
        &self,
        settings: &PagesSettings,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Made> {
        let mark = self.folder.join(MADE);
        if !settings.fresh && mark.exists() {
            let text = std::fs::read_to_string(&mark)?;
            return serde_json::from_str(&text).with_context(|| {
                format!("{} is not readable; `--fresh` makes the base anew", mark.display())
            });
        }
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)
                .with_context(|| format!("cannot remove {}", self.folder.display()))?;
        }
        std::fs::create_dir_all(self.data())?;
        let made = self.fill(settings, clock).await?;
        std::fs::write(&mark, serde_json::to_string(&made)?)?;
        Ok(made)
    }

    async fn fill(&self, settings: &PagesSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<Made> {
        std::fs::write(self.configuration(), CONFIGURATION)?;
        let key = public_key(&self.program, &self.data())?;
        let own = own_policy(&settings.policy, "http://127.0.0.1", Some(&key), &self.folder)?;
        publish(&self.program, &own, &self.data())?;
        let policy = Policy::read(&std::fs::read_to_string(&own)?)
            .map_err(|faults| anyhow::anyhow!("not a valid policy:\n{faults}"))?;
        let server = self.start()?;
        let simulation = SimulationSettings {
            collector: format!("http://{}", server.address()),
            seed: SEED,
            base: Settings {
                installations: settings.installations,
                months: settings.months,
                until: clock.now(),
            },
            voucher_key: None,
            in_flight: IN_FLIGHT,
            quiet: settings.json,
            clock: Arc::clone(clock),
        };
        let summary = simulate(&simulation, Arc::new(policy)).await?;
        ensure!(summary.is_clean(), "not every report arrived as it was sent: {}", summary.line());
        let sent = Instant::now();
        Watcher::of(server.address())?.columns_caught_up(summary.reports).await?;
        let behind_seconds = sent.elapsed().as_secs_f64();
        server.stop()?;
        Ok(Made {
            installations: settings.installations,
            months: settings.months,
            reports: summary.reports,
            sent_seconds: summary.seconds,
            behind_seconds,
        })
    }

    /// Starts the collector on this base.
    pub(super) fn start(&self) -> anyhow::Result<Server> {
        let address = free_address()?;
        let mut serve = Command::new(&self.program);
        serve.arg("serve").arg("--data").arg(self.data()).arg("--config").arg(self.configuration());
        serve.args(["--listen", &address.to_string()]);
        Server::start(serve, address, &self.folder.join("collector.log"))
            .context("the collector does not start on the base that was kept; an older one needs `--fresh`")
    }

    /// Deletes the columns and waits until they are there again.
    pub(super) async fn rebuild(&self, reports: u64) -> anyhow::Result<Rebuilt> {
        for entry in std::fs::read_dir(self.data())? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("columns.")) {
                std::fs::remove_file(path)?;
            }
        }
        let started = Instant::now();
        let server = self.start()?;
        Watcher::of(server.address())?.columns_caught_up(reports).await?;
        let seconds = started.elapsed().as_secs_f64();
        server.stop()?;
        Ok(Rebuilt { seconds, reports_per_second: reports as f64 / seconds })
    }

    /// A one-time link to make an account with.
    pub(super) fn link(&self) -> anyhow::Result<String> {
        let mut command = Command::new(&self.program);
        command.args(["account", "link"]).arg("--data").arg(self.data());
        run(command)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("collector.toml")
    }
}
