//! The hold: metrics that are new in a policy version, or that gather more than they did, stay on the site until somebody
//! has seen and accepted them.
//!
//! To know what was accepted, the manifest that a grant was given under is kept in the state folder, by its digest.

use std::collections::BTreeSet;

use candor_policy::diff::diff;
use candor_policy::{Digest, MetricId, Policy, Scope};

use crate::Error;
use crate::folder::{Found, StateFolder};
use crate::limits::MANIFEST_BYTES;

const POLICIES: &str = "policies";

/// Keeps the manifest that a grant is given under; one that was damaged is written anew. The caller holds the lock.
pub fn keep_manifest(folder: &StateFolder, policy: &Policy) -> Result<(), Error> {
    let (policies, name) = (folder.make_folder(POLICIES)?, file_name(policy.digest));
    // One that cannot even be read is replaced like one that was altered.
    if let Ok(Found::Bytes(manifest)) = policies.read(&name, MANIFEST_BYTES)
        && Digest::of(&manifest) == policy.digest
    {
        return Ok(());
    }
    policies.write(&name, policy.manifest.as_bytes())
}

/// The policy of this digest, where its manifest was kept and is still what it was.
pub fn kept_policy(folder: &StateFolder, digest: Digest) -> Result<Option<Policy>, Error> {
    let Some(policies) = folder.find_folder(POLICIES)? else { return Ok(None) };
    let Found::Bytes(manifest) = policies.read(&file_name(digest), MANIFEST_BYTES)? else { return Ok(None) };
    if Digest::of(&manifest) != digest {
        return Ok(None);
    }
    Ok(String::from_utf8(manifest).ok().and_then(|manifest| Policy::read(&manifest).ok()))
}

fn file_name(digest: Digest) -> String {
    format!("{}.toml", digest.to_string().replace(':', "-"))
}

/// The metrics of `now` that a grant given under `accepted` does not cover. What widened is `candor_policy`'s to say;
/// without the accepted manifest nothing is known to have been accepted. What was refused then does not wait for anybody.
pub fn held(accepted: Option<&Policy>, now: &Policy, scope: &Scope) -> BTreeSet<MetricId> {
    let Some(accepted) = accepted else {
        return now.metrics.iter().map(|metric| metric.id.clone()).collect();
    };
    let mut held = diff(accepted, now).needs_consent;
    held.retain(|id| {
        let metric = now.metric(id.as_str());
        metric.is_some_and(|metric| {
            scope.covers(&metric.category) || accepted.category(metric.category.as_str()).is_none()
        })
    });
    held
}
