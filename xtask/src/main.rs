//! `cargo xtask`: the project's tasks, one file each.
//!
//! It owns how the project is set up, shown, checked, measured and generated. It refuses to know how anything works inside:
//! every task runs the real programs and reads what they print.

mod bench;
mod check;
mod demo;
mod generate;
mod process;
mod progress;
mod setup;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Candor's tasks")]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what building, the demo and the tests need; does nothing where it is there already
    Setup(setup::Arguments),
    /// Build, start a collector on this machine, play a customer's site, add a simulated installed base, stay up
    Demo(demo::Arguments),
    /// The quick half of `test`: format, lints, types and unit tests
    Check,
    /// Everything that is checked: format, lints, tests with PostgreSQL, pages in a browser
    #[command(alias = "ci")]
    Test(test::Arguments),
    /// Rewrite the generated files: schemas, rendered policies, exit codes, bodies of refusals
    Generate,
    /// Measure, with release builds
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    match perform(CommandLine::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<()> {
    std::env::set_current_dir(workspace::root())?;
    match task {
        Task::Setup(arguments) => setup::run(&arguments),
        Task::Demo(arguments) => demo::run(&arguments),
        Task::Check => check::run(),
        Task::Test(arguments) => test::run(&arguments),
        Task::Generate => generate::run(),
        Task::Bench(bench) => bench::run(&bench),
    }
}
