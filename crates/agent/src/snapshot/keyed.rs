//! Entries of one setting metric on their way into the report: declared, redacted, and each key once.

use std::collections::BTreeMap;

use candor_policy::redact::{Redacting, apply, is_excepted, named_form};
use candor_policy::{Entry, KeyPattern, Metric, MetricType, Redaction, RedactionForm};

use super::SiteKey;

/// The rules of one setting metric.
pub(super) struct Rules<'a> {
    metric: &'a Metric,
    keys: &'a [KeyPattern],
    redaction: &'a Redaction,
    site_key: &'a SiteKey,
}

impl<'a> Rules<'a> {
    /// The rules of a metric; `None` for a metric of any other type.
    pub(super) fn of(metric: &'a Metric, site_key: &'a SiteKey) -> Option<Self> {
        match &metric.kind {
            MetricType::Setting { keys, redaction } => Some(Self { metric, keys, redaction, site_key }),
            _ => None,
        }
    }

    /// Whether a value may be read at all: the policy declares its key, and neither excepts it nor leaves it out.
    pub(super) fn allow_reading(&self, key: &str) -> bool {
        !key.is_empty()
            && self.keys.iter().any(|pattern| pattern.matches(key))
            && !is_excepted(self.redaction, key)
            && named_form(self.redaction, key) != Some(RedactionForm::Omit)
    }

    /// Puts what may leave of an entry with the others; says whether it did. It does not where the key itself reveals what
    /// its value may not.
    pub(super) fn put(&self, entries: &mut BTreeMap<String, Entry>, key: String, entry: Entry) -> bool {
        let entry = match named_form(self.redaction, &key) {
            Some(RedactionForm::Hash) => self.site_key.hashed(self.metric.id.as_str(), &key, entry),
            _ => entry,
        };
        match apply(self.redaction, &key, entry) {
            Redacting::Kept(entry) | Redacting::Rewritten(entry) => {
                entries.insert(key, entry);
                true
            }
            Redacting::Omitted => false,
        }
    }
}
