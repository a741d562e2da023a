//! `candor`: reads its arguments, runs one command, ends with a documented code.

use std::process::ExitCode;

fn main() -> ExitCode {
    candor_agent::cli::main()
}
