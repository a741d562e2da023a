//! `cargo xtask setup`: installs what is needed, says what it does, and does nothing where it is there already.
//!
//! The demo needs DuckDB's library and the front-end; checking the code needs the front-end's type checker and linter as well,
//! and the tests PostgreSQL, Chromium, the browser tests' packages and cargo-deny. Debian's packages are installed only where
//! this is Debian and we may; elsewhere it says what is missing.

mod cargo_deny;
mod debian;
mod duckdb;
mod front_end;
mod npm;
mod tools;

use anyhow::Result;

use crate::workspace;

/// What to set up.
#[derive(clap::Args)]
pub struct Arguments {
    /// What it is for
    #[arg(long, value_enum, default_value = "test")]
    purpose: Purpose,
}

/// What a set-up is for; each needs what the one before needs, and more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Purpose {
    /// Building, and the demo.
    Demo,
    /// Checking the code.
    Check,
    /// Building, the demo and all tests.
    Test,
}

/// Sets up.
///
/// # Errors
/// Where something is missing that cannot be installed here; the message says what to do.
pub fn run(arguments: &Arguments) -> Result<()> {
    prepare(arguments.purpose)?;
    println!("Everything is there.");
    Ok(())
}

/// Installs what a purpose needs.
///
/// # Errors
/// Where something is missing that cannot be installed here; the message says what to do.
pub fn prepare(purpose: Purpose) -> Result<()> {
    tools::check(purpose)?;
    duckdb::install()?;
    front_end::build()?;
    if purpose >= Purpose::Check {
        npm::install(&workspace::checks())?;
    }
    if purpose >= Purpose::Test {
        debian::install()?;
        npm::install(&workspace::browser_tests())?;
        cargo_deny::install()?;
    }
    Ok(())
}

pub use cargo_deny::program as cargo_deny;
pub use debian::{WINDOWS, chromium, compiles_for_windows};
