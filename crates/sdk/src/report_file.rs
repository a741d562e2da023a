//! How candor names the files of reports, and which names are therefore its own to remove.

use candor_policy::Digest;
use uuid::Uuid;

/// What the name of a report's bytes ends with.
pub const BYTES: &str = ".json";
/// What the name of its entry in the sent log ends with.
pub const ENTRY: &str = ".entry.json";
/// What the name of the reason of its refusal ends with.
pub const PROBLEM: &str = ".problem.json";

/// The name of a report that waits: UUIDv7 first, so that names sort by age; then the digest, so that the file proves its
/// own bytes.
pub fn waiting(report_id: Uuid, digest: Digest) -> String {
    format!("{report_id}.{}{BYTES}", digest.to_string().replace(':', "-"))
}

/// The report and the digest that such a name says.
pub fn parse_waiting(name: &str) -> Option<(Uuid, Digest)> {
    let (id, digest) = name.strip_suffix(BYTES)?.split_once('.')?;
    let digest = Digest::parse(&digest.replacen("sha-256-", "sha-256:", 1))?;
    Some((Uuid::parse_str(id).ok()?, digest))
}

/// Whether the spool names its files so.
pub fn is_waiting(name: &str) -> bool {
    parse_waiting(name).is_some()
}

/// Whether the sent log names its files so.
pub fn is_sent(name: &str) -> bool {
    is_named(name, ENTRY)
}

/// Whether refused reports are named so.
pub fn is_refused(name: &str) -> bool {
    is_named(name, PROBLEM)
}

fn is_named(name: &str, beside: &str) -> bool {
    let id = name.strip_suffix(beside).or_else(|| name.strip_suffix(BYTES));
    id.is_some_and(|id| Uuid::parse_str(id).is_ok())
}
