//! What the tests of this crate share: a policy with every type and origin, and reports for it.

#![allow(dead_code, reason = "every test file uses a part of it")]

use candor_policy::{
    ConsentReference, Digest, InstallationId, Period, Policy, PolicyReference, PublicKey, Report, Scope,
    SourceId,
};

/// A manifest with a metric of every type and origin.
pub const EVERYTHING: &str = include_str!("everything.toml");

/// The policy of [`EVERYTHING`].
pub fn everything() -> Policy {
    read(EVERYTHING)
}

/// A policy that must read.
pub fn read(manifest: &str) -> Policy {
    Policy::read(manifest).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The manifest of an example, and where it lies.
pub fn example(name: &str) -> String {
    let path = format!("{}/../../examples/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A report of the monthly batch that holds nothing yet.
pub fn report(policy: &Policy) -> Report {
    Report {
        report_id: "0192d0c0-7c00-7000-8000-000000000001".parse().unwrap(),
        policy: PolicyReference {
            id: policy.id.clone(),
            version: policy.version.clone(),
            digest: policy.digest,
        },
        installation: InstallationId::of(&PublicKey::from_bytes([7; 32])),
        source: SourceId::parse("batch").unwrap(),
        application: "Acme Batch".to_owned(),
        version: "1.0 SP1".to_owned(),
        period: Period {
            start: "2026-02-01T00:00:00Z".parse().unwrap(),
            end: "2026-03-01T00:00:00Z".parse().unwrap(),
        },
        consent: ConsentReference {
            scope: Scope::All,
            granted_at: "2026-01-15T09:30:00Z".parse().unwrap(),
            entry: Digest::of(b"an entry"),
        },
        facts: Default::default(),
        usage: Vec::new(),
        flows: Vec::new(),
        withheld: Default::default(),
        held: Default::default(),
        not_measured: Vec::new(),
        unreadable: Vec::new(),
    }
}

/// The JSON of [`report`] with some of its fields replaced.
pub fn report_json(policy: &Policy, fields: serde_json::Value) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&report(policy).to_bytes()).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        json[name] = value.clone();
    }
    serde_json::to_vec(&json).unwrap()
}
