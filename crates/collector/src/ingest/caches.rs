//! Installations and policies, kept ready: an ordinary report reads no database.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use candor_policy::{Digest, InstallationId, Policy, PolicyReference, ProblemCode, PublicKey};
use ed25519_dalek::VerifyingKey;

use super::Refused;
use crate::limits::{CACHED_INSTALLATIONS, CACHED_POLICIES};
use crate::store::{Installation, Store, StoreError};

/// Installations by name. None ever changes, so an entry stays true.
pub struct InstallationCache(Cache<InstallationId, CachedInstallation>);

/// Installations that are blocked, by number, as the journal last said.
#[derive(Default)]
pub struct BlockedInstallations(RwLock<HashSet<i64>>);

impl BlockedInstallations {
    /// Reads them anew: a command beside the server may have changed them.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; what was known then stays.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let blocked = store.standings().blocked().await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = blocked.into_iter().collect();
        Ok(())
    }

    /// Lets an installation pass that is not blocked.
    ///
    /// # Errors
    /// [`Refused`] where it is.
    pub fn pass(&self, installation: i64) -> Result<(), Refused> {
        match self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&installation) {
            true => Err(blocked()),
            false => Ok(()),
        }
    }
}

/// The refusal of a blocked installation.
pub fn blocked() -> Refused {
    let detail = "the vendor has blocked this installation and takes nothing more from it; ask the contact that the policy names";
    Refused::new(ProblemCode::InstallationBlocked, detail)
}

/// Published policies by the digest of their manifest. None ever changes, so an entry stays true.
pub struct PolicyCache(Cache<Digest, CachedPolicy>);

/// An installation, its key ready to verify with.
pub struct CachedInstallation {
    /// Its number in the store.
    pub number: i64,
    /// Its name, by which its reports must name it.
    pub name: InstallationId,
    /// Its key.
    pub key: VerifyingKey,
}

/// A published policy, parsed.
pub struct CachedPolicy {
    /// Its number in the store.
    pub number: i64,
    /// The policy.
    pub policy: Policy,
}

impl Default for InstallationCache {
    fn default() -> Self {
        Self(Cache::new(CACHED_INSTALLATIONS))
    }
}

impl Default for PolicyCache {
    fn default() -> Self {
        Self(Cache::new(CACHED_POLICIES))
    }
}

impl InstallationCache {
    /// The installation of this name.
    ///
    /// # Errors
    /// [`Refused`] where it never enrolled.
    pub async fn find(&self, store: &Store, name: &str) -> Result<Arc<CachedInstallation>, Refused> {
        let unknown =
            || Refused::new(ProblemCode::UnknownInstallation, "enrol the key first, at /v1/installations");
        let name = InstallationId::parse(name).ok_or_else(unknown)?;
        if let Some(cached) = self.0.get(&name) {
            return Ok(cached);
        }
        let found = store.installations().find(&name).await?.ok_or_else(unknown)?;
        Ok(self.0.put(name, read_installation(&found)?))
    }
}

impl PolicyCache {
    /// The policy that a report names, where it is ready.
    pub fn ready(&self, named: &PolicyReference) -> Option<Arc<CachedPolicy>> {
        self.0.get(&named.digest)
    }

    /// The policy that a report names, exactly.
    ///
    /// # Errors
    /// [`Refused`] where it was never published here.
    pub async fn find(&self, store: &Store, named: &PolicyReference) -> Result<Arc<CachedPolicy>, Refused> {
        if let Some(cached) = self.0.get(&named.digest) {
            return Ok(cached);
        }
        let published = store.policies().find(&named.digest).await?.ok_or_else(|| {
            let detail =
                format!("{} {} ({}) is not published here", named.id, named.version, named.digest.short());
            Refused::new(ProblemCode::UnknownPolicy, detail)
        })?;
        let policy = Policy::read(&published.manifest).map_err(|faults| {
            StoreError::Unreadable(format!(
                "the manifest of {} {}: {faults}",
                published.id, published.version
            ))
        })?;
        Ok(self.0.put(named.digest, CachedPolicy { number: published.number, policy }))
    }
}

impl PolicyCache {
    /// The voucher keys that the newest versions of all policies declare.
    ///
    /// # Errors
    /// [`Refused`] where the journal fails.
    pub async fn voucher_keys(&self, store: &Store) -> Result<Vec<PublicKey>, Refused> {
        let published = store.policies().list().await?;
        let mut keys = Vec::new();
        // By name, the newest version first.
        for versions in published.chunk_by(|one, other| one.id == other.id) {
            let Some(newest) = versions.first() else { continue };
            let named = PolicyReference {
                id: newest.id.clone(),
                version: newest.version.clone(),
                digest: newest.digest,
            };
            keys.extend(self.find(store, &named).await?.policy.collector.voucher_key);
        }
        Ok(keys)
    }
}

fn read_installation(found: &Installation) -> Result<CachedInstallation, StoreError> {
    let key = VerifyingKey::from_bytes(found.public_key.as_bytes()).ok();
    // Anybody can sign for a key of small order. Enrolment refuses one; the batch check relies on there being none.
    let key = key
        .filter(|key| !key.is_weak())
        .ok_or_else(|| StoreError::Unreadable(format!("the key of installation {}", found.name)))?;
    Ok(CachedInstallation { number: found.number, name: found.name.clone(), key })
}

/// A bounded map. It is emptied when it is full, which costs one look-up for each name that comes again.
struct Cache<K, V> {
    entries: RwLock<HashMap<K, Arc<V>>>,
    most: usize,
}

impl<K: Hash + Eq, V> Cache<K, V> {
    fn new(most: usize) -> Self {
        Self { entries: RwLock::default(), most }
    }

    fn get(&self, key: &K) -> Option<Arc<V>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.most {
            entries.clear();
        }
        entries.insert(key, value.clone());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cache_is_emptied() {
        let cache = Cache::new(2);
        for number in 0..5 {
            cache.put(number, number);
            assert!(cache.entries.read().unwrap().len() <= 2);
        }
        assert_eq!(cache.get(&4).as_deref(), Some(&4));
        assert!(cache.get(&0).is_none());
    }
}
