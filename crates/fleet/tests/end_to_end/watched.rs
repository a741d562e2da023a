//! A program whose system calls are watched.

use std::path::Path;
use std::process::Command;

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
