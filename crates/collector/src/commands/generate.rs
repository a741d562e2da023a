//! `candor-collector completions` and `candor-collector man`: derived from the command line's own words.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

/// Prints a shell's completions.
pub fn completions(shell: Shell, mut command: Command) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "candor-collector", &mut text);
    Ok(std::io::stdout().write_all(&text)?)
}

/// Writes the manual pages into a folder.
pub fn manual(folder: &Path, command: Command) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .with_context(|| format!("cannot write the manual pages into {}", folder.display()))
}
