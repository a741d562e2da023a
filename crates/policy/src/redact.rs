//! Redaction: what becomes of a setting's value before it may leave.
//!
//! Exceptions first (left out), then names (rewritten as the policy says), then detectors over the value (in use), and where
//! the metric is strict, whatever is not known to be harmless (in use).
//! The site applies it before anything is written; the collector applies it again to what arrives, and applying it twice
//! changes nothing. It refuses to be clever about meaning: where an ordinary value and a revealing one look the same,
//! the value is in use.

mod account;
mod address;
mod bank;
mod connection_string;
mod decode;
#[cfg(test)]
mod examples;
mod flag_word;
mod fold;
mod form;
pub(crate) mod harmless;
mod hints;
mod host_name;
mod key_kind;
mod key_words;
mod labelled;
mod licence;
mod password;
mod path;
mod person;
mod phone;
mod scan;
mod secret;
mod secret_forms;
mod street;
mod url;
mod word_list;

use crate::{Detector, Entry, KeyPattern, Redacted, Redaction, key_pattern};
use scan::Sight;

impl Detector {
    /// Whether the detector finds its kind in a setting's value. The key helps: a value under "SMTP Server" is a
    /// host's name where the same word elsewhere is not.
    pub fn finds(self, key: &str, value: &str) -> bool {
        any_sees(&[self], key, value)
    }

    fn sees(self, sight: &Sight<'_>) -> bool {
        match self {
            Self::HostName => host_name::seen(sight),
            Self::Url => url::url_seen(sight),
            Self::IpAddress => address::seen(sight),
            Self::EmailAddress => url::email_seen(sight),
            Self::Path => path::seen(sight),
            Self::ConnectionString => connection_string::seen(sight),
            Self::Secret => secret::seen(sight),
            Self::Account => account::seen(sight),
            Self::PhoneNumber => phone::seen(sight),
            Self::BankAccount => bank::seen(sight),
            Self::Person => person::seen(sight),
        }
    }

    /// Whether a number under a key is of the detector's kind.
    fn sees_number(self, sight: &Sight<'_>, number: i64) -> bool {
        match self {
            Self::Secret => secret::hides_number(sight.hints, number),
            Self::PhoneNumber => phone::is_plain(sight, number),
            Self::BankAccount => bank::is_plain(sight, number),
            Self::HostName
            | Self::Url
            | Self::IpAddress
            | Self::EmailAddress
            | Self::Path
            | Self::ConnectionString
            | Self::Account
            | Self::Person => false,
        }
    }
}

/// Whether one of the detectors finds its kind in a value, or in what the value says once it is decoded.
fn any_sees(detectors: &[Detector], key: &str, value: &str) -> bool {
    let sight = Sight::of(key, value);
    if detectors.iter().any(|detector| detector.sees(&sight)) {
        return true;
    }
    let mut decoded = decode::step(value);
    for _ in 0..decode::DEPTH {
        let Some(text) = decoded else { return false };
        let sight = sight.decoded(&text);
        if detectors.iter().any(|detector| detector.sees(&sight)) {
            return true;
        }
        decoded = decode::step(&text);
    }
    // Encoded more often than anybody does by accident.
    decoded.is_some()
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
    if rules.except.iter().any(|pattern| names(pattern, key)) || key_reveals(rules, key) {
        return Redacting::Omitted;
    }
    match rules.named.iter().find(|(pattern, _)| names(pattern, key)) {
        Some((_, rule)) => form::by_form(*rule, entry),
        None => match by_detectors(&rules.detectors, key, entry) {
            Redacting::Kept(Entry::Text(text)) if !may_leave(rules, &text) => form::in_use(),
            redacting => redacting,
        },
    }
}

/// Whether a strict metric sends a text: it is known to reveal nothing, or the policy names it.
fn may_leave(rules: &Redaction, text: &str) -> bool {
    let Some(allowed) = &rules.strict else { return true };
    let is_named = || allowed.harmless.iter().any(|known| key_pattern::is_same(known, text.trim()));
    harmless::is_known(text) || is_named()
}

/// Looks with every detector at one cell of a device's row: the product's own users fill these in, so a model may be
/// a machine's name. A finding is "in use".
pub fn apply_to_cell(column: &str, entry: Entry) -> Redacting {
    by_detectors(&Detector::ALL, column, entry)
}

/// The rule that names a key, if one does; the site asks, because it alone can hash.
pub fn named_form(rules: &Redaction, key: &str) -> Option<crate::RedactionForm> {
    rules.named.iter().find(|(pattern, _)| names(pattern, key)).map(|(_, form)| *form)
}

/// Whether an exception names a key, so that its value is not even to be read.
pub fn is_excepted(rules: &Redaction, key: &str) -> bool {
    rules.except.iter().any(|pattern| names(pattern, key))
}

/// A pattern names a key as a whole, or by what stands after its table: `License Code` names `SYSTEMSETTINGS.License Code`.
fn names(pattern: &KeyPattern, key: &str) -> bool {
    pattern.matches(key) || key.split_once('.').is_some_and(|(_, column)| pattern.matches(column))
}

/// Whether the key itself says what its value may not: the names of settings come from the customer's rows.
fn key_reveals(rules: &Redaction, key: &str) -> bool {
    let looked_for = |detector: Detector| rules.detectors.contains(&detector);
    let bytes = key.as_bytes();
    let plain = !bytes.iter().any(|byte| b"@:\\/=".contains(byte))
        && bytes.iter().filter(|byte| **byte == b'.').count() < 2
        && bytes.len() < 20;
    if plain {
        return false;
    }
    let sight = Sight::of_text(key);
    [Detector::Url, Detector::IpAddress, Detector::EmailAddress, Detector::ConnectionString]
        .into_iter()
        .any(|detector| looked_for(detector) && detector.sees(&sight))
        // Names with dots and backslashes inside are how many products nest their settings.
        || (looked_for(Detector::Path) && path::absolute(&sight))
        || (looked_for(Detector::HostName) && host_name::public_name(key))
        || (looked_for(Detector::Secret) && secret::unmistakable(key))
}

fn by_detectors(detectors: &[Detector], key: &str, entry: Entry) -> Redacting {
    let seen = match &entry {
        Entry::Text(text) if text.is_empty() || detectors.is_empty() => false,
        Entry::Text(text) => any_sees(detectors, key, text),
        Entry::Flag(_) => detectors.contains(&Detector::Secret) && secret::hides_flag(key),
        Entry::Integer(number) => any_sees_number(detectors, key, *number),
        Entry::Decimal(number) => any_sees_number(detectors, key, *number as i64),
        // No rule asked for a hash or a bucket here, so neither says anything that the policy declares.
        Entry::Redacted(Redacted::Hash(_) | Redacted::Bucket(_)) => true,
        Entry::Unset | Entry::Unreadable | Entry::Redacted(Redacted::InUse) => false,
    };
    if seen { form::in_use() } else { Redacting::Kept(entry) }
}

fn any_sees_number(detectors: &[Detector], key: &str, number: i64) -> bool {
    let sight = Sight::of(key, "");
    detectors.iter().any(|detector| detector.sees_number(&sight, number))
}
