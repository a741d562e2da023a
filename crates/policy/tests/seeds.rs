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

/// The names of all tests in the Rust files below a folder: functions that the test runner calls, and always calls.
fn tests(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(tests_in(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The functions below `#[test]` or `#[tokio::test]`, within `proptest!` as well, that are not set aside by `#[ignore]`.
fn tests_in(text: &str) -> Vec<String> {
    let (mut names, mut attributes) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
        } else if let Some(function) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ") {
            let any = |opening: &str| attributes.iter().any(|attribute| attribute.starts_with(opening));
            if (any("#[test]") || any("#[tokio::test")) && !any("#[ignore") {
                names.push(function.split(['(', '<']).next().unwrap().to_owned());
            }
            attributes.clear();
        } else if line.ends_with([';', '}']) {
            attributes.clear();
        }
    }
    names
}

#[test]
fn only_what_runs_counts_as_a_test() {
    let text = "
        fn helper() {}
        #[test]
        fn plain() {}
        #[tokio::test(flavor = \"current_thread\")]
        async fn waiting() {}
        #[test]
        #[ignore = \"slow\"]
        fn set_aside() {}
        #[derive(Debug)]
        struct Thing { a: u8 }
        fn after() {}
        #[test]
        fn property(report in any_report()) {}";
    assert_eq!(tests_in(text), ["plain", "waiting", "property"]);
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
    let mut all = BTreeSet::new();
    tests(&root().join("crates"), &mut all);
    let mut on_the_page = named(&page(), "test");
    on_the_page.remove("name");
    let missing: Vec<&String> = on_the_page.difference(&all).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
