//! The hold: metrics that are new in a policy version, or that gather more than they did, stay on the site until somebody
//! has seen and accepted them.
//!
//! To know what was accepted, the manifest that a grant was given under is kept in the state folder, by its digest.

use std::collections::BTreeSet;

use candor_policy::{Digest, Metric, MetricId, Policy, Scope};

use crate::Error;
use crate::folder::{StateFolder, read_bounded, write_durably};

/// Longest manifest that is kept, bytes; the reader's own bound is far lower in practice.
const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;

/// Keeps the manifest that a grant is given under.
pub fn keep_manifest(folder: &StateFolder, policy: &Policy) -> Result<(), Error> {
    let path = folder.folder("policies")?.join(file_name(policy.digest));
    if path.is_file() {
        return Ok(());
    }
    write_durably(&path, policy.manifest.as_bytes())
}

/// The policy of this digest, where its manifest was kept and is still what it was.
pub fn kept_policy(folder: &StateFolder, digest: Digest) -> Result<Option<Policy>, Error> {
    let path = folder.join("policies").join(file_name(digest));
    let Some(manifest) = read_bounded(&path, MANIFEST_BYTES)? else { return Ok(None) };
    if Digest::of(&manifest) != digest {
        return Ok(None);
    }
    Ok(String::from_utf8(manifest).ok().and_then(|manifest| Policy::read(&manifest).ok()))
}

fn file_name(digest: Digest) -> String {
    format!("{}.toml", digest.to_string().replace(':', "-"))
}

/// The metrics that a grant of this scope, given under `accepted`, does not cover in `now`. Without the accepted manifest
/// nothing is known to have been accepted.
pub fn held(accepted: Option<&Policy>, scope: &Scope, now: &Policy) -> BTreeSet<MetricId> {
    let is_covered = |metric: &&Metric| {
        let known = accepted.and_then(|policy| policy.metric(metric.id.as_str()));
        known.is_some_and(|known| scope.covers(&known.category) && !gathers_more(known, metric))
    };
    now.metrics.iter().filter(|metric| !is_covered(metric)).map(|metric| metric.id.clone()).collect()
}

/// Whether a metric asks for anything that its accepted form did not. Words for people do not count, and neither does
/// asking for less: fewer sources, fewer purposes, a shorter retention.
fn gathers_more(accepted: &Metric, now: &Metric) -> bool {
    let same_values = format!("{:?}", accepted.kind) == format!("{:?}", now.kind);
    let starts_earlier = match (&accepted.since, &now.since) {
        (Some(accepted), Some(now)) => now.rank < accepted.rank,
        (accepted, now) => accepted.is_some() && now.is_none(),
    };
    !same_values
        || accepted.origin != now.origin
        || accepted.category != now.category
        || now.sensitivity > accepted.sensitivity
        || now.retention_months > accepted.retention_months
        || now.purposes.iter().any(|purpose| !accepted.purposes.contains(purpose))
        || now.sources.iter().any(|source| !accepted.sources.contains(source))
        || starts_earlier
}
