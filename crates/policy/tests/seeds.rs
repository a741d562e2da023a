//! `docs/seeds.md` maps every line of the two seeds to what carries it. A row that names a metric or a test that is not
//! there is a promise that nobody keeps, and fails here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use support::{example, read};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/seeds.md")).unwrap()
}

/// What stands on the page as `` `kind:name` ``.
fn named(page: &str, kind: &str) -> BTreeSet<String> {
    let opening = format!("`{kind}:");
    page.split(&opening).skip(1).map(|rest| rest.split('`').next().unwrap().to_owned()).collect()
}

/// The names of all functions in the Rust files below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let after_fn = text.split("fn ").skip(1);
            names.extend(after_fn.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
}

#[test]
fn every_line_of_the_seeds_has_its_row() {
    let page = page();
    let lines =
        (1..=15).map(|number| format!("L{number}")).chain((1..=11).map(|number| format!("C{number}")));
    for line in lines {
        let rows: Vec<&str> = page.lines().filter(|row| row.starts_with(&format!("| {line} |"))).collect();
        assert!(!rows.is_empty(), "{line} has no row");
        for row in rows {
            let state = row.rsplit('|').nth(1).unwrap().trim();
            let kept = state.starts_with("Works: `test:") || state.starts_with("Waits");
            assert!(kept, "{line} neither works by a test nor waits: {state}");
        }
    }
}

#[test]
fn every_metric_of_the_examples_has_its_row_and_the_other_way_round() {
    let policies = ["lucity-data-collection", "cireson-product-metrics"].map(|name| read(&example(name)));
    let declared: BTreeSet<String> =
        policies.iter().flat_map(|policy| &policy.metrics).map(|metric| metric.id.to_string()).collect();
    let mut on_the_page = named(&page(), "metric");
    on_the_page.remove("name");
    assert_eq!(on_the_page, declared);
}

#[test]
fn every_test_on_the_page_is_there() {
    let mut functions_of_all = BTreeSet::new();
    functions(&root().join("crates"), &mut functions_of_all);
    let mut on_the_page = named(&page(), "test");
    on_the_page.remove("name");
    let missing: Vec<&String> = on_the_page.difference(&functions_of_all).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
