//! Lets the built programs find DuckDB's published library in `.deps/duckdb`, where `cargo xtask setup` puts it.
//! With the feature `bundled`, DuckDB is compiled in and there is nothing to find.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }
    let Some(folder) = library_folder() else {
        println!(
            "cargo:error=DuckDB's library is not there: run `cargo xtask setup`, or build with --features bundled"
        );
        return;
    };
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display());
}

/// The folder that holds DuckDB's library, absolute.
fn library_folder() -> Option<PathBuf> {
    let workspace = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?).join("../..");
    let folder = env::var_os("DUCKDB_LIB_DIR")
        .map_or_else(|| workspace.join(".deps/duckdb"), |named| workspace.join(named));
    let is_there =
        ["libduckdb.so", "libduckdb.dylib", "duckdb.lib"].iter().any(|name| folder.join(name).exists());
    if is_there { folder.canonicalize().ok() } else { None }
}
