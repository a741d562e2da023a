//! `cargo xtask test`: everything that is checked, from format to pages in a browser.
//!
//! A step that fails does not hide the ones after it; the last lines say what failed and close with the totals of all
//! test runners.

mod totals;

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::progress::Progress;
use crate::{check, process, setup, workspace};
use totals::Totals;

/// What to test.
#[derive(clap::Args)]
pub struct Arguments {
    /// Leave out the pages in a browser
    #[arg(long)]
    no_browser: bool,
}

/// What the steps share.
struct Run {
    postgres: Option<candor_testing::postgres::Server>,
    totals: Totals,
    left_out: Vec<String>,
    no_browser: bool,
}

impl Run {
    /// Says that something is not checked in this run, and why: at once, in the summary, and among the totals.
    fn leave_out(&mut self, what: &str, why: &str) {
        println!("      left out: {why}");
        self.left_out.push(format!("{what}: {why}"));
        self.totals.skipped += 1;
    }
}

type Step = (&'static str, fn(&mut Run) -> Result<()>);

/// The steps, in their order. Generated files are held against what they are generated from by tests of their own.
const STEPS: &[Step] = &[
    ("Set up: tools, DuckDB's library, front-end, Debian's packages, cargo-deny", set_up),
    ("Format", |_| check::format()),
    ("Front-end: types, lints, format", |_| check::front_end()),
    ("Build", |_| process::run(&mut build())),
    ("Programs as they ship, package by package", |_| build_shipped()),
    ("Lints", |_| check::lints()),
    ("Windows: the customer's side compiles", on_windows),
    ("Licences, bans and sources", licences),
    ("PostgreSQL for the tests", start_postgres),
    ("Tests", tests),
    ("Examples in the documentation", doc_tests),
    ("Pages in a browser", pages),
];

/// Runs all steps.
///
/// # Errors
/// None of its own: where a step fails, it names the step, closes with the totals and ends the process with code 1.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut run = Run {
        postgres: None,
        totals: Totals::default(),
        left_out: Vec::new(),
        no_browser: arguments.no_browser,
    };
    let mut progress = Progress::of(STEPS.len());
    let mut failed = Vec::new();
    for (title, step) in STEPS {
        let outcome = progress.step(title, || Ok(step(&mut run)))?;
        if let Err(error) = outcome {
            println!("      FAILED: {error:#}");
            failed.push(*title);
        }
    }
    // The server goes before the totals, so that nothing is written after them.
    drop(run.postgres.take());
    println!("\nEverything took {}.", progress.elapsed());
    for what in &run.left_out {
        println!("SKIPPED: {what}");
    }
    for title in &failed {
        println!("FAILED: {title}");
    }
    // A step that counts no tests still counts as one thing that failed.
    run.totals.failed = run.totals.failed.max(failed.len() as u64);
    println!("{}", run.totals);
    if !failed.is_empty() || run.totals.passed == 0 {
        // Said already, and the totals are to stay the last line.
        std::process::exit(1);
    }
    Ok(())
}

/// The programs that the demo and the tests run.
const PROGRAMS: [&str; 3] = ["candor", "candor-collector", "candor-fleet"];

/// The programs and examples, of the development build that the demo and the tests share. It selects the whole workspace, as
/// the lints and the tests do: with any member left out, cargo settles on other features, and 74 of 409 dependencies are
/// compiled a second time. The programs are named because one that runs cannot be replaced everywhere: this one.
pub fn build() -> Command {
    let mut command = Command::new("cargo");
    command.args(["build", "--workspace", "--examples"]);
    command.args(PROGRAMS.iter().flat_map(|program| ["--bin", program]));
    command
}

/// The programs that ship, as they ship: each package by itself, without the features that others of the workspace ask of its
/// dependencies. A third of all units are compiled once more for it, the first time; later on, our own crates alone. The
/// end-to-end tests run these.
fn build_shipped() -> Result<()> {
    let folder = workspace::shipped();
    std::fs::create_dir_all(&folder)?;
    for (package, program) in [("candor-agent", "candor"), ("candor-collector", "candor-collector")] {
        process::run(Command::new("cargo").args(["build", "--package", package, "--bin", program]))?;
        // Away from where the next build of the workspace puts its own.
        let built = workspace::binary(program);
        std::fs::copy(&built, folder.join(built.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn set_up(_: &mut Run) -> Result<()> {
    setup::prepare(setup::Purpose::Test)
}

/// What customers run compiles for Windows, without a warning. Their machines are that as often as not, and nothing else here
/// reads the code that is Windows' own.
fn on_windows(run: &mut Run) -> Result<()> {
    if !setup::compiles_for_windows() {
        let remedy = "Rust's library for it is missing (rustup target add x86_64-pc-windows-gnu)";
        run.leave_out("the customer's side on Windows", remedy);
        return Ok(());
    }
    let crates = ["candor-policy", "candor-sdk", "candor-agent"];
    let mut command = Command::new("cargo");
    command.args(["clippy", "--target", setup::WINDOWS, "--lib", "--bins"]);
    command.args(crates.iter().flat_map(|name| ["--package", name]));
    process::run(command.args(["--", "--deny", "warnings"]))
}

fn licences(_: &mut Run) -> Result<()> {
    process::run(Command::new(setup::cargo_deny()).args(["check", "licenses", "bans", "sources"]))
}

fn start_postgres(run: &mut Run) -> Result<()> {
    let server = candor_testing::postgres::start()?;
    println!("      PostgreSQL on 127.0.0.1:{}", server.port());
    run.postgres = Some(server);
    Ok(())
}

fn tests(run: &mut Run) -> Result<()> {
    let nextest = check::has_nextest();
    let mut command = Command::new("cargo");
    if nextest {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        println!("      cargo-nextest is not installed: `cargo test` runs the same tests, slower");
        command.args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    command.env("CANDOR_SHIPPED_PROGRAMS", workspace::shipped());
    if let Some(postgres) = &run.postgres {
        command.envs(postgres.environment());
    }
    // A run that does not get as far as its tests must not be counted by those of the one before.
    let totals = workspace::target().join("nextest/default/junit.xml");
    let _ = std::fs::remove_file(&totals);
    let (lines, passed) = process::watched(&mut command)?;
    run.totals += if nextest { Totals::of_nextest(&totals)? } else { Totals::of_cargo_test(&lines) };
    if passed { Ok(()) } else { bail!("tests failed") }
}

fn doc_tests(run: &mut Run) -> Result<()> {
    let (lines, passed) =
        process::watched(Command::new("cargo").args(["test", "--workspace", "--doc", "--no-fail-fast"]))?;
    run.totals += Totals::of_cargo_test(&lines);
    if passed { Ok(()) } else { bail!("examples in the documentation failed") }
}

fn pages(run: &mut Run) -> Result<()> {
    if run.no_browser {
        run.leave_out("pages in a browser", "asked for with --no-browser");
        return Ok(());
    }
    let chromium = setup::chromium().unwrap_or_else(|| "chromium".into());
    let mut command = Command::new("node");
    command
        .arg(Path::new("run.mjs"))
        .current_dir(workspace::browser_tests())
        .env("CANDOR_CHROMIUM", chromium)
        .env("CANDOR_TARGET", workspace::target());
    let (lines, passed) = process::watched(&mut command)?;
    run.totals += Totals::of_node(&lines);
    if passed { Ok(()) } else { bail!("pages failed") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted_and_named() {
        let mut run =
            Run { postgres: None, totals: Totals::default(), left_out: Vec::new(), no_browser: true };
        pages(&mut run).unwrap();
        assert_eq!(run.totals.to_string(), "0 passed, 0 failed, 1 skipped");
        assert_eq!(run.left_out, ["pages in a browser: asked for with --no-browser"]);
    }

    #[test]
    fn the_build_has_every_program_that_is_shown_or_tested_and_leaves_no_member_out() {
        let words: Vec<_> = build().get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        assert!(words.contains(&"--workspace".to_owned()) && !words.contains(&"--exclude".to_owned()));
        let crates = std::fs::read_dir(workspace::root().join("crates")).unwrap();
        let has_program = |folder: &std::path::PathBuf| folder.join("src/main.rs").exists();
        let programs = crates.map(|each| each.unwrap().path()).filter(has_program);
        // The benchmarks run by themselves, with the release profile.
        assert_eq!(programs.filter(|folder| !folder.ends_with("bench")).count(), PROGRAMS.len());
    }
}
