//! Where things lie: the clone's root, the target folder, the binaries. Nothing else writes a path twice.

use std::path::{Path, PathBuf};

/// The clone's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The target folder, which `CARGO_TARGET_DIR` may move.
pub fn target() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(folder)
}

/// A program of the development build, which the demo and the tests share.
pub fn binary(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The programs of the development build that were built package by package.
pub fn shipped() -> PathBuf {
    target().join("shipped")
}

/// The front-end that the programs embed.
pub fn assets() -> PathBuf {
    root().join("crates/web/assets")
}

/// The colours and fonts of all pages, which the front-end's style imports.
pub fn design_tokens() -> PathBuf {
    root().join("crates/policy/src/render/tokens.css")
}

/// The types, lints and formatter of the front-end, with their lock file.
pub fn checks() -> PathBuf {
    root().join("xtask/npm/checks")
}

/// A program of an npm package.
pub fn npm_program(folder: &Path, name: &str) -> PathBuf {
    let ending = if cfg!(windows) { ".cmd" } else { "" };
    folder.join("node_modules/.bin").join(format!("{name}{ending}"))
}

/// The browser tests.
pub fn browser_tests() -> PathBuf {
    root().join("tests/browser")
}
