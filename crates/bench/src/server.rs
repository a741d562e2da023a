//! A server under measurement: a process of its own on its own core, with a folder of its own, gone when it is dropped.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// How long a start may take.
const START: Duration = Duration::from_secs(30);
/// How long one question whether it is ready may take.
const QUESTION: Duration = Duration::from_secs(1);

/// A running server.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts a command that listens on `address`, and waits until it is ready.
    pub(crate) fn start(mut command: Command, address: SocketAddr, log: &Path) -> anyhow::Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let process = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let mut server = Self { process, address, log: log.to_owned() };
        let started = Instant::now();
        while !is_ready(address) {
            if server.process.try_wait()?.is_some() || started.elapsed() > START {
                bail!("{command:?} did not become ready:\n{}", server.said());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How much processor time it has used so far, from the kernel; none where that cannot be read.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        // The fields are counted after the command's name, which may hold spaces but ends with the last parenthesis.
        const USER: usize = 11;
        const TICKS_PER_SECOND: u64 = 100;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = fields.get(USER)?.parse::<u64>().ok()? + fields.get(USER + 1)?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// Asks it to end, as a service manager does, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        // `kill` is a program on every Unix; the standard library knows no polite request to end.
        let mut kill = Command::new("kill");
        kill.args(["-TERM", &self.process.id().to_string()]);
        run(kill)?;
        let status = self.process.wait()?;
        ensure!(status.success(), "the server ended with {status}:\n{}", self.said());
        Ok(())
    }

    /// What it wrote on its outputs.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is a benchmark's server: nothing of it is kept.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address on loopback that nothing listens on.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{said}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program that stands beside this one.
pub(crate) fn neighbour(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let path = own.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    ensure!(path.exists(), "{} is not there; build it, or name another with its option", path.display());
    Ok(path)
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, QUESTION)?;
        stream.set_read_timeout(Some(QUESTION))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
