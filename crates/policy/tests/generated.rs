//! Generated files lie in the repository so that people and editors find them. A stale one is rewritten, and the test
//! fails once, so that the change is looked at and committed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::PathBuf;

use candor_policy::{render, schema};

use support::{example, read};

fn assert_current(path: &str, contents: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::fs::read_to_string(&path).is_ok_and(|held| held == contents) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, contents).unwrap();
    panic!("{} was stale and has been rewritten: look at it and commit it", path.display());
}

fn pretty(schema: &serde_json::Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(schema).unwrap())
}

#[test]
fn the_policy_schema_is_current() {
    assert_current("docs/schemas/policy.schema.json", &pretty(&schema::manifest()));
}

#[test]
fn the_report_schema_is_current() {
    assert_current("docs/schemas/report.schema.json", &pretty(&schema::report()));
}

#[test]
fn the_first_rendered_example_is_current() {
    assert_current("docs/policies/lucity-data-collection.md", &rendered("lucity-data-collection"));
}

#[test]
fn the_other_rendered_example_is_current() {
    assert_current("docs/policies/cireson-product-metrics.md", &rendered("cireson-product-metrics"));
}

fn rendered(name: &str) -> String {
    render::markdown(&read(&example(name)))
}
