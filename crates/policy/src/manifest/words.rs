//! The closed lists of words that a manifest chooses from, and "did you mean" for those that are in none.

use crate::{ConsentMode, Detector, Identifies, RedactionForm, Sensitivity, SourceKind, TransportForm};

/// A word that can be chosen.
#[derive(Clone, Copy)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// A closed list of words, each standing for a value.
pub trait Word: Copy + PartialEq + 'static {
    /// Word, value, meaning.
    const WORDS: &'static [(&'static str, Self, &'static str)];

    /// The value that a word stands for.
    fn read(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, ..)| *known == word).map(|(_, value, _)| *value)
    }

    /// The value's word.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value, _)| *value == self).map_or("", |(word, ..)| *word)
    }

    /// What the value means.
    fn meaning(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value, _)| *value == self).map_or("", |(.., meaning)| *meaning)
    }
}

/// The words of a closed list.
pub fn choices<W: Word>() -> Vec<Choice> {
    W::WORDS.iter().map(|(word, _, doc)| Choice { word, doc }).collect()
}

impl Word for ConsentMode {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("opt-out", Self::OptOut, "ticked: data is shared unless the box is cleared"),
        ("opt-in", Self::OptIn, "clear: nothing is shared unless the box is ticked"),
    ];
}

impl Word for SourceKind {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("installer", Self::Installer, "an installer or updater, once per run"),
        ("utility", Self::Utility, "a tool that an administrator starts"),
        ("batch", Self::Batch, "a scheduled service"),
        ("app", Self::App, "the product itself"),
    ];
}

impl Word for Sensitivity {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("technical", Self::Technical, "about software and machines: versions, platforms"),
        ("operational", Self::Operational, "about how the product is used and set up: counts, options"),
        ("identifying", Self::Identifying, "names the customer's organisation, or a pseudonymous user"),
    ];
}

impl Word for Identifies {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("customer", Self::Customer, "the customer, by the vendor's number or by a domain's name"),
        ("customer-name", Self::CustomerName, "the customer, by a name for people"),
        ("user", Self::User, "a user, by a keyed pseudonym whose key never leaves the site"),
    ];
}

impl Word for TransportForm {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("whole", Self::Whole, "as it is"),
        ("truncated", Self::Truncated, "the first 24 bits of an IPv4 address, the first 48 of an IPv6 one"),
    ];
}

impl Word for RedactionForm {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("omit", Self::Omit, "left out, name and value"),
        ("in-use", Self::InUse, "only that there is a value"),
        ("hash", Self::Hash, "a hash keyed with a secret of the site"),
        ("bucket", Self::Bucket, "the power of ten that a number falls into"),
    ];
}

impl Word for Detector {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("host-name", Self::HostName, "host names"),
        ("url", Self::Url, "URLs"),
        ("ip-address", Self::IpAddress, "IP addresses"),
        ("email-address", Self::EmailAddress, "e-mail addresses"),
        ("path", Self::Path, "UNC and file paths"),
        ("connection-string", Self::ConnectionString, "connection strings"),
        ("secret", Self::Secret, "passwords, keys and other secrets"),
        ("account", Self::Account, "names of accounts and directory entries"),
        ("phone-number", Self::PhoneNumber, "telephone numbers"),
        ("bank-account", Self::BankAccount, "bank accounts and payment cards"),
        ("person", Self::Person, "names of people and street addresses"),
    ];
}

/// The known word that an unknown one is most like, where it is like any.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let unknown: String = unknown.chars().take(80).flat_map(char::to_lowercase).collect();
    known
        .into_iter()
        .map(|word| (distance(&unknown, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= word.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many insertions, deletions, replacements and swaps of neighbours make one text of the other (optimal string
/// alignment).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, letter) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != *other);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && previous == Some(*other) && letter == right[column - 1] {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
        previous = Some(letter);
    }
    last[right.len()]
}

/// Words in a sentence: `a`, `b` or `c`.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        let known = ["retention_months", "sensitivity", "owner", "type"];
        assert_eq!(nearest("retention", known), None);
        assert_eq!(nearest("retention_month", known), Some("retention_months"));
        assert_eq!(nearest("sensitvity", known), Some("sensitivity"));
        assert_eq!(nearest("onwer", known), Some("owner"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn manifest_and_wire_use_the_same_words() {
        fn agree<W: Word + serde::Serialize>() {
            for (word, value, _) in W::WORDS {
                assert_eq!(serde_json::to_value(value).unwrap(), serde_json::json!(word));
            }
        }
        agree::<ConsentMode>();
        agree::<SourceKind>();
        agree::<Sensitivity>();
        agree::<Identifies>();
        agree::<TransportForm>();
        agree::<RedactionForm>();
        agree::<Detector>();
        assert_eq!(Detector::WORDS.len(), Detector::ALL.len());
    }
}
