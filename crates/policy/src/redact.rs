//! Redaction: what becomes of a setting's value before it may leave.
//!
//! Exceptions first (left out), then names (rewritten as the policy says), then detectors over the value (in use).
//! The site applies it before anything is written; the collector applies it again to what arrives.

use serde::{Deserialize, Serialize};

use crate::{Entry, Redacted, Redaction, RedactionForm};

/// What can be looked for in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Detector {
    /// A host's name: dotted, or a machine's bare name where the text is nothing else.
    HostName,
    /// A URL of any scheme.
    Url,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// An e-mail address.
    EmailAddress,
    /// A UNC path or a file's path.
    Path,
    /// A connection string.
    ConnectionString,
    /// A password, key, token or another secret.
    Secret,
}

impl Detector {
    /// All detectors; what a setting metric uses where the manifest does not choose.
    pub const ALL: [Self; 7] = [
        Self::HostName,
        Self::Url,
        Self::IpAddress,
        Self::EmailAddress,
        Self::Path,
        Self::ConnectionString,
        Self::Secret,
    ];

    /// Whether the detector finds its kind in a setting's value. The key helps: a value under "SMTP Server" is a
    /// host's name where the same word elsewhere is not.
    pub fn finds(self, key: &str, value: &str) -> bool {
        let _ = (key, value);
        false
    }
}

/// What becomes of one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Redacting {
    /// Left as it is.
    Kept(Entry),
    /// Rewritten.
    Rewritten(Entry),
    /// Left out, key and value.
    Omitted,
}

/// Applies a metric's rules to one entry. `hash` needs the site's key, which this function does not have: a plain value
/// under a hash rule is left out.
pub fn apply(rules: &Redaction, key: &str, entry: Entry) -> Redacting {
    if rules.except.iter().any(|pattern| names(pattern, key)) {
        return Redacting::Omitted;
    }
    if let Some((_, form)) = rules.named.iter().find(|(pattern, _)| names(pattern, key)) {
        return by_form(*form, entry);
    }
    match &entry {
        Entry::Text(text)
            if !text.is_empty() && rules.detectors.iter().any(|detector| detector.finds(key, text)) =>
        {
            Redacting::Rewritten(Entry::Redacted(Redacted::InUse))
        }
        _ => Redacting::Kept(entry),
    }
}

/// A pattern names a key as a whole, or by what stands after its table: `License Code` names `SYSTEMSETTINGS.License Code`.
fn names(pattern: &crate::KeyPattern, key: &str) -> bool {
    pattern.matches(key) || key.split_once('.').is_some_and(|(_, column)| pattern.matches(column))
}

fn by_form(form: RedactionForm, entry: Entry) -> Redacting {
    match (form, entry) {
        (RedactionForm::Omit, _) => Redacting::Omitted,
        (_, kept @ (Entry::Unset | Entry::Redacted(_))) => Redacting::Kept(kept),
        (_, Entry::Text(text)) if text.is_empty() => Redacting::Kept(Entry::Text(text)),
        (RedactionForm::InUse, _) => Redacting::Rewritten(Entry::Redacted(Redacted::InUse)),
        (RedactionForm::Bucket, entry) => bucket(&entry).map_or(Redacting::Omitted, |bucket| {
            Redacting::Rewritten(Entry::Redacted(Redacted::Bucket(bucket)))
        }),
        (RedactionForm::Hash, _) => Redacting::Omitted,
    }
}

/// The power of ten that a number from 0 falls into: `0`, `1-9`, `10-99`, …
fn bucket(entry: &Entry) -> Option<String> {
    let number = match entry {
        Entry::Integer(number) => *number as f64,
        Entry::Decimal(number) => *number,
        Entry::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    if !(0.0..1e15).contains(&number) {
        return None;
    }
    if number < 1.0 {
        return Some("0".to_owned());
    }
    let low = 10u64.pow((number.log10() + 1e-12).floor() as u32);
    Some(format!("{low}-{}", low * 10 - 1))
}
