//! The strings that are planted in the sample product and must never leave.

use candor_agent::database::Gathered;
use candor_policy::{
    ConsentReference, Digest, InstallationId, Period, Policy, PolicyReference, PublicKey, Report, Scope,
    SourceId, admit,
};

pub use candor_testing::canaries::{canaries, found_in};

use crate::product::BATCH;

/// Holds every planted string against all that leaves, and all that the administrator is told.
pub fn assert_none(policy: &Policy, version: &str, gathered: &Gathered) {
    let told: String = gathered.notes.iter().map(|note| format!("{}\n", note.text)).collect();
    let facts = format!("{:?}", gathered.facts);
    let body = body(policy, version, gathered);
    for (place, text) in [("the facts", &facts), ("the report", &body), ("the notes", &told)] {
        assert_eq!(found_in(text), Vec::<&str>::new(), "in {place}");
    }
}

/// The report's bytes, as they would leave.
pub fn body(policy: &Policy, version: &str, gathered: &Gathered) -> String {
    let digest = policy.digest;
    let moment: jiff::Timestamp = "2016-05-01T00:00:00Z".parse().unwrap();
    let report = Report {
        report_id: uuid::Uuid::from_u128(7),
        policy: PolicyReference { id: policy.id.clone(), version: policy.version.clone(), digest },
        installation: InstallationId::of(&PublicKey::from_bytes([7; 32])),
        source: SourceId::parse(BATCH).unwrap(),
        application: "Lucity Batch Service".to_owned(),
        version: version.to_owned(),
        period: Period { start: moment, end: moment },
        consent: ConsentReference { scope: Scope::All, granted_at: moment, entry: Digest::of(b"entry") },
        facts: gathered.facts.clone(),
        usage: Vec::new(),
        flows: Vec::new(),
        withheld: Default::default(),
        held: Default::default(),
        not_measured: gathered.not_measured.iter().cloned().collect(),
        unreadable: Vec::new(),
    };
    let (admitted, outcomes) = admit(policy, report).unwrap();
    let lost: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_departure()).collect();
    assert!(lost.is_empty(), "the agent redacts all that admit would: {lost:?}");
    String::from_utf8(admitted.body().to_vec()).unwrap()
}
