//! A program whose system calls are watched.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::house::{House, within};

/// A program under strace, which writes these system calls, of all its threads, into a file. Descriptors stand there with
/// what they are of.
pub fn watched(command: &Command, calls: &str, trace: &Path) -> Command {
    let mut strace = Command::new("strace");
    // `-I2`: asked to end, strace ends, and its program with it.
    strace.args(["-f", "-I2", "-qq", "-y", "-s", "128", "-e", &format!("trace={calls}"), "-o"]).arg(trace);
    strace.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    strace
}

/// A watched collector's life: it serves a house that is still closed while this is done, and is then asked to end.
pub fn while_watched<T>(house: &mut House, calls: &str, trace: &Path, what: impl FnOnce(&House) -> T) -> T {
    let mut serve = house.collector_program(&["serve"]);
    serve.args(["--listen", &house.listen()]);
    let mut collector = watched(&serve, calls, trace)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("strace is installed: `cargo xtask setup`");
    let ready = || ureq::get(format!("{}/readyz", house.address())).call().is_ok();
    let up = within(Duration::from_secs(60), ready);
    let done = up.then(|| what(house));
    // The shell's own `kill`: a package less to install.
    let end = Command::new("sh").args(["-c", &format!("kill -TERM {}", collector.id())]).status();
    if !end.is_ok_and(|status| status.success()) {
        let _ = collector.kill();
    }
    let _ = collector.wait();
    house.kill();
    done.expect("the collector did not become ready")
}
