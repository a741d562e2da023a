//! The demo's collector: the real program, on loopback, in the demo's folder.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

/// How long a start may take.
const START: Duration = Duration::from_secs(30);
/// How long a stop may take before it is forced.
const STOP: Duration = Duration::from_secs(10);

/// A running collector; dropping it stops it.
pub struct Collector {
    process: Child,
    port: u16,
    data: PathBuf,
}

/// Where a demo's collector keeps its data.
pub fn data_folder(folder: &Path) -> PathBuf {
    folder.join("collector")
}

/// Where it listens.
pub fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A port that nothing listens on.
///
/// # Errors
/// Where loopback has none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The collector's program, without a data folder.
pub fn plain(words: &[&str]) -> Command {
    let mut command = Command::new(workspace::binary("candor-collector"));
    command.args(words);
    command
}

/// The collector's program with the demo's data folder.
pub fn program(words: &[&str], data: &Path) -> Command {
    let mut command = plain(words);
    command.arg("--data").arg(data);
    command
}

impl Collector {
    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// Where the port is taken, or it does not become ready; its log is then in the message.
    pub fn start(folder: &Path, port: u16) -> Result<Self> {
        let data = data_folder(folder);
        let log = folder.join("collector.log");
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            bail!("something listens on 127.0.0.1:{port} already; choose another port with --port");
        }
        let mut command = program(&["serve"], &data);
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        println!("      $ {}", process::shown(&command));
        let file = File::create(&log)?;
        let process = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("the collector does not start")?;
        let mut collector = Self { process, port, data };
        collector.wait_until_ready(&log)?;
        println!("      ready at {}, log in {}", collector.address(), log.display());
        Ok(collector)
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        address(self.port)
    }

    /// A fresh link with which the first administrator chooses a password.
    ///
    /// # Errors
    /// Where the collector's program refuses.
    pub fn setup_link(&self) -> Result<String> {
        let mut command = program(&["account", "link"], &self.data);
        command.args(["--url", &self.address()]);
        println!("      $ {}", process::shown(&command));
        let answer = process::output(&mut command)?;
        let link = answer.split_whitespace().find(|word| word.starts_with("http"));
        link.map(str::to_owned).context("the collector's program gave no link")
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.process.try_wait()?.is_none())
    }

    /// Stops it: politely first.
    pub fn stop(mut self) {
        self.end();
    }

    fn wait_until_ready(&mut self, log: &Path) -> Result<()> {
        let started = Instant::now();
        loop {
            if ureq::get(format!("{}/readyz", self.address())).call().is_ok() {
                return Ok(());
            }
            let ended = self.process.try_wait()?;
            if ended.is_some() || started.elapsed() > START {
                let log = fs::read_to_string(log).unwrap_or_default();
                bail!("the collector did not become ready:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(&mut self) {
        let asked = cfg!(unix)
            && process::succeeds(Command::new("kill").args(["-TERM", &self.process.id().to_string()]));
        let started = Instant::now();
        while asked && started.elapsed() < STOP {
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.end();
        }
    }
}
