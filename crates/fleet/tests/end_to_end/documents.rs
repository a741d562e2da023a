//! The documentation is short enough to be read, and its links lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::house::files;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages that people read: those at the root, and all under `docs`.
fn pages() -> Vec<(PathBuf, String)> {
    let at_the_root = fs::read_dir(root()).expect("the clone").flatten().map(|entry| entry.path());
    let all = at_the_root.chain(files(&root().join("docs")).into_iter().map(|(path, _)| path));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(&path).expect("text")))
        .collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut checked = 0;
    for (path, page) in pages() {
        for link in page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if link.is_empty() || link.contains("://") || link.starts_with('#') {
                continue;
            }
            let target = path.parent().expect("a folder").join(link);
            assert!(target.exists(), "{} links to {link}, which is not there", path.display());
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked} links were found");
}

#[test]
fn the_architecture_is_short_enough_to_be_read() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let count = page.split_whitespace().count();
    assert!(count < 2_500, "ARCHITECTURE.md has {count} words");
}

#[test]
fn the_architecture_names_files_that_exist() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let crates = ["policy", "sdk", "agent", "web", "collector", "fleet", "bench", "testing"];
    let sources: Vec<PathBuf> = crates
        .iter()
        .flat_map(|name| files(&root().join("crates").join(name).join("src")))
        .map(|(path, _)| path)
        .collect();
    for word in page.split('`').skip(1).step_by(2).filter(|word| word.ends_with(".rs")) {
        assert!(
            sources.iter().any(|path| path.ends_with(word)),
            "ARCHITECTURE.md names {word}, which is not there"
        );
    }
}
