//! `candor completions` and `candor man`: derived from the command line's own words.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

use crate::exit::Exit;

/// Prints a shell's completions.
///
/// # Errors
/// Where the output cannot be written.
pub fn completions(mut command: Command, shell: Shell, out: &mut dyn Write) -> anyhow::Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "candor", &mut text);
    out.write_all(&text)?;
    Ok(Exit::Done.code())
}

/// Writes the manual pages into a folder.
///
/// # Errors
/// Where the folder cannot be written.
pub fn manual(command: Command, folder: &Path) -> anyhow::Result<u8> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .with_context(|| format!("cannot write the manual pages into {}", folder.display()))?;
    Ok(Exit::Done.code())
}
