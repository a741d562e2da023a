//! Publishing a policy: reads a manifest, checks that it names this collector, signs it and keeps it for ever.

use anyhow::bail;
use candor_policy::{Clock, Policy};
use ed25519_dalek::{Signer, SigningKey};

use crate::key_file::public_key;
use crate::store::{ControlStore, NewPolicy, Publishing};

/// Who publishes from the command line; there is no account behind it.
pub const COMMAND_LINE: &str = "command line";

/// Publishes a manifest.
///
/// # Errors
/// Where it has faults, names another collector's key, or changes a version that was published.
pub async fn publish(
    store: &ControlStore,
    key: &SigningKey,
    clock: &dyn Clock,
    manifest: &str,
) -> anyhow::Result<(Policy, Publishing)> {
    let policy = match Policy::read(manifest) {
        Ok(policy) => policy,
        Err(faults) => bail!("the manifest has faults:\n{faults}"),
    };
    let ours = public_key(key);
    if policy.collector.public_key != ours {
        bail!(
            "the manifest names another collector: its `collector.public_key` is {}, and this collector's is {ours}",
            policy.collector.public_key
        );
    }
    let new = NewPolicy {
        policy: &policy,
        signature: key.sign(manifest.as_bytes()).to_bytes(),
        published_at: clock.now(),
        published_by: COMMAND_LINE,
    };
    let publishing = store.policies().publish(&new).await?;
    Ok((policy, publishing))
}
