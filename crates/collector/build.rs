//! Lets the built programs find DuckDB's published library in `.deps/duckdb`, where `cargo xtask setup` puts it.
//! With the feature `bundled`, DuckDB is compiled in and there is nothing to find.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    pages();
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

/// What the pages load is built by npm beforehand; its digest becomes part of its address.
fn pages() {
    println!("cargo:rerun-if-changed=assets/dist");
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for name in ["charts.js", "charts.js.gz", "style.css", "style.css.gz"] {
        let Ok(bytes) = std::fs::read(PathBuf::from("assets/dist").join(name)) else {
            println!(
                "cargo:error=the pages' script and style are not built: run `cargo xtask setup`, or `npm ci && npm run \
                 build` in crates/collector/assets"
            );
            return;
        };
        // FNV-1a, 64 bits: an address must change with the bytes, and nobody gains by making two alike.
        digest = bytes
            .iter()
            .fold(digest, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    }
    println!("cargo:rustc-env=CANDOR_PAGES_DIGEST={digest:016x}");
}
