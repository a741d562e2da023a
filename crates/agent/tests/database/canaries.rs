//! The strings that are planted in the sample product and must never leave.

use candor_agent::database::Gathered;
use candor_policy::{
    ConsentReference, Digest, InstallationId, Period, Policy, PolicyReference, PublicKey, Report, Scope,
    SourceId, admit,
};

use crate::product::{BATCH, example};

/// The planted strings.
pub fn canaries() -> Vec<String> {
    let text = example("sample-product/CANARIES.txt");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// Holds every planted string against all that leaves, and all that the administrator is told.
pub fn assert_none(policy: &Policy, version: &str, gathered: &Gathered) {
    let told: String = gathered.notes.iter().map(|note| format!("{}\n", note.text)).collect();
    let facts = format!("{:?}", gathered.facts);
    let body = body(policy, version, gathered);
    for canary in canaries() {
        // Debug output and JSON double each backslash.
        let forms = [canary.to_lowercase(), canary.to_lowercase().replace('\\', "\\\\")];
        for (place, text) in [("the facts", &facts), ("the report", &body), ("the notes", &told)] {
            let text = text.to_lowercase();
            assert!(!forms.iter().any(|form| text.contains(form)), "{canary} is in {place}");
        }
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
        not_measured: gathered.not_measured.iter().cloned().collect(),
        unreadable: Vec::new(),
    };
    let (admitted, outcomes) = admit(policy, report).unwrap();
    let lost: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_departure()).collect();
    assert!(lost.is_empty(), "the agent redacts all that admit would: {lost:?}");
    String::from_utf8(admitted.body().to_vec()).unwrap()
}
