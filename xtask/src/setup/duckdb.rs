//! DuckDB's shared library, as its own team publishes it: `.deps/duckdb` then holds what the build links.
//!
//! Compiling DuckDB from C++ takes most of an hour on two cores; release packages do that (the collector's feature
//! `bundled`), the ordinary path does not.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::npm;
use crate::workspace;

/// The package that holds the library for this platform, and the library's name in it.
fn published() -> Option<(&'static str, &'static str)> {
    let glibc = cfg!(all(target_os = "linux", target_env = "gnu"));
    (glibc && cfg!(target_arch = "x86_64")).then_some(("@duckdb/node-bindings-linux-x64", "libduckdb.so"))
}

/// Puts the library in its place, unless it is there already.
///
/// # Errors
/// Where none is published for this platform, or it cannot be fetched.
pub fn install() -> Result<()> {
    let place = workspace::root().join(".deps/duckdb");
    let source = workspace::root().join("xtask/npm/duckdb");
    let wanted = fs::read(source.join("package-lock.json")).context("xtask/npm/duckdb has no lock file")?;
    let stamp = place.join("package-lock.json");
    if library_is_there(&place) && fs::read(&stamp).is_ok_and(|held| held == wanted) {
        return Ok(());
    }
    let Some((package, library)) = published() else { return by_hand(&place) };
    println!("      DuckDB's library into .deps/duckdb");
    npm::install(&source)?;
    fs::create_dir_all(&place)?;
    // Under another name first: a build beside this one never links half a library.
    let half = place.join(format!("{library}.new"));
    fs::copy(source.join("node_modules").join(package).join(library), &half)
        .with_context(|| format!("the package {package} does not hold {library}"))?;
    fs::rename(&half, place.join(library))?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn library_is_there(place: &Path) -> bool {
    ["libduckdb.so", "libduckdb.dylib", "duckdb.lib"].iter().any(|name| place.join(name).exists())
}

/// Where no library is published for a platform, one that a person put there will do.
fn by_hand(place: &Path) -> Result<()> {
    if library_is_there(place) {
        return Ok(());
    }
    bail!(
        "DuckDB 1.5.6 is published as a library for Linux on x86-64 with glibc. Elsewhere, put libduckdb 1.5.6 into {}, \
         or compile it once from source (most of an hour): cargo build --features candor-collector/bundled",
        place.display()
    )
}
