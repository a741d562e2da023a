//! The `hash` form of redaction: HMAC-SHA-256 (RFC 2104) under a key that never leaves the site.
//!
//! Metric and setting are hashed along with the value, so that equal values of two settings cannot be matched.

use std::fmt;

use candor_policy::{Entry, Redacted};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The site's key for hashes.
#[derive(Clone)]
pub struct SiteKey([u8; 32]);

impl SiteKey {
    /// The key with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What is left of an entry under a hash rule. What is unset, empty or rewritten already stays so.
    pub(super) fn hashed(&self, metric: &str, key: &str, entry: Entry) -> Entry {
        let text = match &entry {
            Entry::Unset | Entry::Unreadable | Entry::Redacted(_) => return entry,
            Entry::Text(text) if text.is_empty() => return entry,
            Entry::Text(text) => text.clone(),
            Entry::Flag(flag) => flag.to_string(),
            Entry::Integer(number) => number.to_string(),
            Entry::Decimal(number) => number.to_string(),
        };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return Entry::Redacted(Redacted::InUse);
        };
        for part in ["candor setting", metric, key, &text] {
            // Lengths first, so that no two lists of parts read the same.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        Entry::Redacted(Redacted::Hash(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SiteKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_equal_from_different_at_one_site_and_one_setting() {
        let hash = |key: u8, setting: &str, text: &str| {
            SiteKey::new([key; 32]).hashed("metric", setting, Entry::Text(text.to_owned()))
        };
        assert_eq!(hash(1, "a", "x"), hash(1, "a", "x"));
        assert_ne!(hash(1, "a", "x"), hash(1, "a", "y"));
        assert_ne!(hash(1, "a", "x"), hash(2, "a", "x"));
        assert_ne!(hash(1, "a", "x"), hash(1, "b", "x"));
        let Entry::Redacted(Redacted::Hash(text)) = hash(1, "a", "x") else { panic!() };
        assert_eq!(text.len(), 64);
    }

    #[test]
    fn unset_and_empty_stay_what_they_are() {
        let key = SiteKey::new([0; 32]);
        for entry in [Entry::Unset, Entry::Text(String::new()), Entry::Redacted(Redacted::InUse)] {
            assert_eq!(key.hashed("m", "k", entry.clone()), entry);
        }
    }
}
