//! What a host links with the SDK: little, and nothing that only makes pages or schemas.

use std::process::Command;

/// Guards against a feature of `candor-policy` that a host pays for because another program of this workspace wants it.
#[test]
fn a_host_links_no_template_engine() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "candor-sdk",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--offline",
            "--locked",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let linked = |name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    assert!(linked("candor-policy") && linked("ureq"), "{tree}");
    for name in ["maud", "schemars", "tokio"] {
        assert!(!linked(name), "{name}:\n{tree}");
    }
}
