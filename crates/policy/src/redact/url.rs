//! URLs of any scheme and e-mail addresses, anywhere in a text.

use super::hints::{EMAIL, URL};
use super::scan::{Sight, is_word, mark, starts_at, starts_with};

/// Schemes that are written without two slashes after them, or with the wrong ones.
const SCHEMES: [&str; 12] = [
    "http:", "https:", "ftp:", "ftps:", "sftp:", "file:", "ldap:", "ldaps:", "mailto:", "jdbc:", "smb:",
    "nfs:",
];

/// Whether the value holds a URL.
pub(super) fn url_seen(sight: &Sight<'_>) -> bool {
    if sight.hints.promise(URL) && (sight.could_be_a_name() || sight.has(mark::SLASH)) {
        return true;
    }
    (sight.has(mark::COLON) && (has_authority(sight.value) || has_scheme(sight.value)))
        || (sight.has(mark::DOT) && starts_with(sight.value, "www."))
}

/// `scheme://something`.
fn has_authority(text: &str) -> bool {
    text.match_indices("://").any(|(place, _)| {
        let bytes = text.as_bytes();
        let scheme = place > 0 && bytes[place - 1].is_ascii_alphanumeric();
        scheme && bytes.get(place + 3).is_some_and(|byte| !byte.is_ascii_whitespace())
    })
}

fn has_scheme(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices(':').any(|(colon, _)| {
        let start = text[..colon]
            .rfind(|before: char| !before.is_ascii_alphabetic())
            .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
        let is_scheme = SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(&text[start..=colon]));
        is_scheme
            && starts_at(bytes, start)
            && bytes.get(colon + 1).is_some_and(|byte| !byte.is_ascii_whitespace())
    })
}

/// Whether the value holds an e-mail address, or a name where the key promises a mailbox.
pub(super) fn email_seen(sight: &Sight<'_>) -> bool {
    let mailbox = sight.hints.promise(EMAIL) && sight.could_be_a_name() && !sight.has(mark::SPACE);
    mailbox
        || (sight.has(mark::AT) && has_mailbox(sight.value))
        || (sight.has(mark::OTHER) && has_spelt_mailbox(sight.value))
}

/// `jane [at] happyville [dot] gov`, `jane(at)happyville.gov`.
fn has_spelt_mailbox(text: &str) -> bool {
    ["[at]", "(at)", "{at}"].iter().any(|sign| {
        text.split_once(sign).is_some_and(|(before, after)| {
            let is_name = |byte: Option<u8>| byte.is_some_and(is_word);
            is_name(before.trim_end().bytes().next_back()) && is_name(after.trim_start().bytes().next())
        })
    })
}

/// Something before an `@` and something after it; a domain without a dot is one too.
fn has_mailbox(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices('@').any(|(place, _)| {
        let before = place.checked_sub(1).map(|before| bytes[before]);
        let local = before.is_some_and(|byte| is_word(byte) || b"._%+-'\"!#$&*=?^`{|}~".contains(&byte));
        local && bytes.get(place + 1).is_some_and(|byte| is_word(*byte) || *byte == b'[')
    })
}
