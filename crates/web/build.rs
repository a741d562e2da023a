//! Gives the bundled front-end's digest to the compiler: it is part of the files' address, so that browsers may keep them.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=assets/dist");
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for name in ["charts.js", "charts.js.gz", "style.css", "style.css.gz"] {
        let Ok(bytes) = std::fs::read(Path::new("assets/dist").join(name)) else {
            println!(
                "cargo:error=the pages' script and style are not built: run `cargo xtask setup`, or `npm ci && npm run \
                 build` in crates/web/assets"
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
