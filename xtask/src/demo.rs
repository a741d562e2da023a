//! `cargo xtask demo`: the main job from end to end, on this machine, with the real programs.
//!
//! It starts a collector in a fresh folder, publishes the example policies, plays one customer's site, adds a simulated
//! installed base, says where to look, and stays up until it is ended. It does nothing that a person could not type:
//! every command is shown with what it answers.

mod check;
mod collector;
mod guide;
mod policies;
mod site;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;
use crate::{process, setup, test, workspace};
use collector::Collector;

/// How large the demo is, and where.
#[derive(clap::Args)]
pub struct Arguments {
    /// The collector's port on loopback; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// How many installations are simulated
    #[arg(long, default_value_t = 300)]
    installations: u32,
    /// Over how many past months
    #[arg(long, default_value_t = 24)]
    months: u32,
    /// The demo's folder, emptied at the start [default: target/demo]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Look at the dashboard as a member of staff would, say whether the data is there, and end
    #[arg(long)]
    check: bool,
}

/// How often to look whether the collector still runs.
const LOOK: Duration = Duration::from_millis(500);
/// Marks a folder as one that the demo may empty.
const MARK: &str = ".candor-demo";

/// Runs the demo.
///
/// # Errors
/// Where a step fails; the message names the command and carries what it said.
pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = arguments.folder.clone().unwrap_or_else(|| workspace::target().join("demo"));
    let folder = std::path::absolute(folder)?;
    let ended = watch_for_the_end()?;
    let mut progress = Progress::of(if arguments.check { 8 } else { 7 });

    progress.step("Set up: tools, DuckDB's library, front-end", || setup::prepare(setup::Purpose::Demo))?;
    progress.step("Build (the first time, a few minutes)", || process::run(&mut test::build()))?;
    let (mut collector, policies) = progress.step("Start the collector in a fresh folder", || {
        fresh(&folder)?;
        let port = if arguments.port == 0 { collector::free_port()? } else { arguments.port };
        let policies = policies::prepare(&folder, port)?;
        Ok((Collector::start(&folder, port)?, policies))
    })?;
    progress.step("Publish the example policies", || policies::publish(&folder, &policies))?;
    let site = progress.step("Play one customer's site", || site::play(&folder, &policies))?;
    progress.step(&simulation(arguments), || simulate(arguments, &collector, &policies))?;
    let link = progress.step("Ask for a link for the first administrator", || collector.setup_link())?;
    if arguments.check {
        return progress
            .step("Look at the dashboard", || check::dashboard(&collector, &link, arguments.installations));
    }
    guide::print(&collector, &link, &site, &folder, &progress.elapsed());
    stay_up(&mut collector, &ended, &folder)?;
    println!("\nStopping the collector. The demo's folder stays: {}", folder.display());
    collector.stop();
    Ok(())
}

/// Waits until somebody ends the demo.
fn stay_up(collector: &mut Collector, ended: &mpsc::Receiver<()>, folder: &Path) -> Result<()> {
    while ended.recv_timeout(LOOK).is_err() {
        // Ctrl-C reaches the collector as well, a moment before this process hears of it or after.
        if !collector.runs()? && ended.recv_timeout(LOOK).is_err() {
            bail!("the collector has ended; its log is {}", folder.join("collector.log").display());
        }
    }
    Ok(())
}

/// Ctrl-C, or a polite request to end, comes out of this channel.
fn watch_for_the_end() -> Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Before the demo stands, there is nobody to receive: the steps' own programs get the signal themselves.
        let _ = sender.send(());
    })?;
    Ok(receiver)
}

/// Makes the demo's folder, empty. A folder that is not the demo's own is left alone.
fn fresh(folder: &Path) -> Result<()> {
    let occupied = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !folder.join(MARK).exists() {
        bail!("{} is not empty and is not a demo's folder; name another with --folder", folder.display());
    }
    if occupied {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(MARK), "`cargo xtask demo` empties this folder at its start.\n")?;
    Ok(())
}

fn simulation(arguments: &Arguments) -> String {
    format!("Add {} simulated installations over {} months", arguments.installations, arguments.months)
}

fn simulate(arguments: &Arguments, collector: &Collector, policies: &policies::Policies) -> Result<()> {
    let mut command = Command::new(workspace::binary("candor-fleet"));
    command
        .arg("simulate")
        .args(["--collector", &collector.address()])
        .arg("--policy")
        .arg(&policies.lucity)
        .arg("--voucher-key")
        .arg(&policies.voucher_key)
        .args(["--installations", &arguments.installations.to_string()])
        .args(["--months", &arguments.months.to_string()]);
    println!("      $ {}", process::shown(&command));
    process::run(&mut command)
}
