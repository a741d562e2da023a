//! What the tests take from Debian's packages: PostgreSQL's server, PgBouncer, Chromium, a C compiler for Windows, and strace and iproute2,
//! with which they watch whom the programs call and take the network away from them.
//!
//! Installed where this is Debian (or a relative) and we are root or may become so; elsewhere it says what is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs what is missing.
///
/// # Errors
/// Where it is missing and cannot be installed here.
pub fn install() -> Result<()> {
    let mut missing = Vec::new();
    if candor_testing::postgres::programs().is_none() {
        missing.push("postgresql");
    }
    if candor_testing::postgres::pooler::program().is_none() {
        missing.push("pgbouncer");
    }
    if chromium().is_none() {
        missing.push("chromium");
    }
    if cfg!(target_os = "linux") && !process::succeeds(Command::new("strace").arg("--version")) {
        missing.push("strace");
    }
    if cfg!(target_os = "linux") && !process::succeeds(Command::new("ip").arg("-Version")) {
        missing.push("iproute2");
    }
    if compiles_for_windows() && !process::succeeds(Command::new("x86_64-w64-mingw32-gcc").arg("--version")) {
        missing.push("gcc-mingw-w64-x86-64");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let Some(administrator) = administrator() else {
        bail!(
            "the tests need {}, which cannot be installed from here. Install it, or say where it is: \
             CANDOR_POSTGRES_PROGRAMS=<folder with initdb>, CANDOR_CHROMIUM=<program>",
            missing.join(", ")
        );
    };
    println!("      Debian's packages: {}", missing.join(", "));
    process::output(apt(administrator).arg("update"))
        .context("the list of Debian's packages could not be fetched")?;
    process::output(apt(administrator).args(["install", "--yes", "--no-install-recommends"]).args(&missing))
        .context("Debian's packages could not be installed")?;
    Ok(())
}

/// The Windows that the customer's side is compiled for, to see that it can be.
pub const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Whether Rust's library for Windows is here; rustup brings it, not we.
pub fn compiles_for_windows() -> bool {
    let library =
        process::output(Command::new("rustc").args(["--print", "target-libdir", "--target", WINDOWS]));
    library.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

/// The browser's program.
pub fn chromium() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("CANDOR_CHROMIUM") {
        return Some(PathBuf::from(program));
    }
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(PathBuf::from)
        .find(|program| program.exists())
}

/// How this process becomes the one who may install packages: as it is, or through sudo without a password.
fn administrator() -> Option<&'static [&'static str]> {
    if !Path::new("/usr/bin/apt-get").exists() {
        return None;
    }
    let user = process::output(Command::new("id").arg("-u")).ok()?;
    if user.trim() == "0" {
        return Some(&[]);
    }
    process::succeeds(Command::new("sudo").args(["--non-interactive", "true"]))
        .then_some(&["sudo", "--non-interactive"])
}

fn apt(administrator: &[&str]) -> Command {
    let words: Vec<&str> = administrator
        .iter()
        .copied()
        .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
        .collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
