//! Names that the site has chosen and not the policy: those of tables that a pattern finds, and of their columns. One that reveals
//! something stays on the site, also where it is said what is missing.

use candor_policy::redact::{Redacting, apply};
use candor_policy::{Detector, Entry, KeyPattern, Redaction};

/// What joins the words of a name; a secret in it may hold hyphens of its own.
const JOINTS: [&[char]; 3] = [&['_'], &['_', ' ', '$', '#'], &['_', ' ', '$', '#', '-']];

/// What no product has in the names of its tables, and addresses, accounts and numbers have.
const ODD: [char; 7] = ['.', '@', '\\', '/', ':', '=', '+'];
/// How a Windows security identifier begins.
const SECURITY_IDENTIFIER: &str = "S-1-";

/// Whether the detectors see something in this name, or in a word of it.
pub(super) fn reveals(name: &str) -> bool {
    word_reveals(name) || JOINTS.iter().any(|joints| name.split(*joints).any(word_reveals))
}

/// A name is looked at as a setting's name is; one of an odd form as a value is, too.
fn word_reveals(word: &str) -> bool {
    let rules = Redaction { detectors: Detector::ALL.to_vec(), ..Redaction::default() };
    let is_odd = word.contains(ODD) || word.starts_with(SECURITY_IDENTIFIER);
    apply(&rules, word, Entry::Unset) == Redacting::Omitted
        || Detector::BankAccount.finds("", word)
        || (is_odd && Detector::ALL.into_iter().any(|detector| detector.finds("", word)))
}

/// The same for a name that a pattern has found: what its `*` stands for is looked at by itself, too.
pub(super) fn found_reveals(name: &str, pattern: &KeyPattern) -> bool {
    reveals(name) || reveals(starred(name, pattern.as_str()))
}

/// What is between the fixed beginning and the fixed end of a pattern that covers the name.
fn starred<'n>(name: &'n str, pattern: &str) -> &'n str {
    let (Some(first), Some(last)) = (pattern.find('*'), pattern.rfind('*')) else { return name };
    name.get(first..name.len().saturating_sub(pattern.len() - last - 1)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_site_are_told_from_names_of_the_product() {
        let found = |name: &str, pattern: &str| found_reveals(name, &KeyPattern::new(pattern));
        for (name, pattern) in [
            ("wkorder_gis01.happyville.local", "WK*"),
            ("wk_backup_jane.doe@happyville.example", "WK*"),
            ("wk_10.20.30.40_license_LCT26-00F4A-XK2P9-7QW3Z", "WK*"),
            ("wk10.20.30.40", "WK*"),
            ("GIS01.HAPPYVILLE.LOCAL_OPTIONS", "*OPTIONS"),
            ("wk$fileserver.happyville.example", "WK*"),
            ("WK C:\\Users\\jane", "WK*"),
            ("gis01.local_OPTIONS", "*OPTIONS"),
            ("wk_DE89370400440532013000", "WK*"),
            ("WK_S-1-5-21-3623811015-3361044348-30300820-1013", "WK*"),
        ] {
            assert!(found(name, pattern), "{name}");
        }
        for (name, pattern) in [
            ("WKORDER", "WK*"),
            ("WKORDER_2024", "WK*"),
            ("WKREQUEST_HISTORY_2015R2", "WK*"),
            ("GISOPTIONS", "*OPTIONS"),
            ("SEWER_MAIN_OPTIONS", "*OPTIONS"),
            ("WK_SMTP_QUEUE", "WK*"),
            ("WKORDER_20241127", "WK*"),
            ("WKPROFILE1", "WK*"),
        ] {
            assert!(!found(name, pattern), "{name}");
        }
    }
}
