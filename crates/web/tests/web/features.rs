//! Guards against a program that speaks no TLS 1.2 because the feature came from another crate of the workspace: the features
//! that a program has when it is built by its own package, as it is shipped.

use std::process::Command;

fn features_of(dependency: &str, program: &str) -> String {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", program, "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p} features: {f}"])
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let tree = String::from_utf8(cargo.stdout).unwrap();
    let line = tree.lines().find(|line| line.starts_with(&format!("{dependency} v")));
    line.unwrap_or_else(|| panic!("{program} does not depend on {dependency}")).to_owned()
}

#[test]
fn the_collector_speaks_tls_1_2_when_it_is_built_by_its_own_package() {
    let features = features_of("rustls", "candor-collector");
    for wanted in ["tls12", "aws_lc_rs", "std"] {
        assert!(features.split([',', ' ']).any(|feature| feature == wanted), "{wanted}: {features}");
    }
}
