//! The machine under the measurement: its cores and who runs on which, its file system, its cost of durability.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde::Serialize;

use crate::figures::{median, milliseconds};

/// How many times a small write is made durable to learn what that costs here.
const SYNCS: usize = 100;

/// What a figure was measured on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) system: String,
    pub(crate) file_system: String,
    /// The median time to make 4 KiB durable, milliseconds.
    pub(crate) sync_milliseconds: f64,
    pub(crate) profile: &'static str,
}

impl Machine {
    /// Looks at the machine; the file system is the one that holds `folder`.
    pub(crate) fn look(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: line_after("/proc/cpuinfo", "model name"),
            system: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            file_system: file_system(folder),
            sync_milliseconds: sync_milliseconds(folder)?,
            profile: if cfg!(debug_assertions) { "dev" } else { "release" },
        })
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} cores ({}), Linux {}, {}, 4 KiB durable in {:.2} ms, {} profile",
            self.cores, self.processor, self.system, self.file_system, self.sync_milliseconds, self.profile
        )
    }
}

fn line_after(path: &str, name: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or_else(|| "unknown processor".to_owned(), |rest| rest.trim_matches([' ', '\t', ':']).to_owned())
}

/// The type of the file system that holds a folder, from the mounts that the kernel lists.
fn file_system(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((words.next()?, words.next()?))
        })
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.len());
    mount.map_or_else(|| "unknown file system".to_owned(), |(_, kind)| kind.to_owned())
}

fn sync_milliseconds(folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("sync-probe");
    let mut file = File::create(&path).with_context(|| format!("cannot write to {}", folder.display()))?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(milliseconds(started.elapsed()));
    }
    drop(file);
    std::fs::remove_file(&path)?;
    Ok(median(times))
}

/// Keeps this process, and every thread that it starts from now on, to one core.
pub(crate) fn stay_on_core(core: usize) -> anyhow::Result<()> {
    let process = std::process::id().to_string();
    let output = Command::new("taskset")
        .args(["--all-tasks", "--pid", "--cpu-list", &core.to_string(), &process])
        .output()
        .context("cannot start taskset; it comes with util-linux")?;
    ensure!(output.status.success(), "taskset: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// A command that runs on one core alone.
pub(crate) fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}
