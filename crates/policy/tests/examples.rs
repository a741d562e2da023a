//! Both seeds' programmes, as example policies: they read without a fault.

use candor_policy::Policy;

fn example(name: &str) -> Policy {
    let path = format!("{}/../../examples/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(&path).unwrap();
    Policy::read(&manifest).unwrap_or_else(|faults| panic!("{path}:\n{faults}"))
}

#[test]
fn lucity_lints_clean() {
    let policy = example("lucity-data-collection");
    assert_eq!(policy.version, "2.0");
    assert_eq!(policy.metrics.len(), 14);
    assert_eq!(policy.metrics[0].id.as_str(), "application", "metrics keep the manifest's order");
}
