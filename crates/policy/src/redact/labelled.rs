//! Secrets that say in the value itself what they are: `pw: Rosengarten`, `Kennwort=Sonne`.

use super::flag_word::is_flag_word;
use super::harmless;
use super::hints::{Hints, SECRET};

/// The longest name that is read before a colon or an equals sign.
const LONGEST_LABEL: usize = 40;

/// As much of a secret as is looked at: more of it decides nothing, and a text of colons alone would cost its square.
const LONGEST_SECRET: usize = 80;

/// Whether a name for a secret stands in the text, and a secret after it.
pub(super) fn seen(text: &str) -> bool {
    text.match_indices([':', '=']).any(|(place, _)| {
        let label = label(&text[..place]);
        label.len() >= 2 && is_filled(&text[place + 1..]) && Hints::of(label).promise(SECRET)
    })
}

/// The name that ends a text.
fn label(before: &str) -> &str {
    let before = before.trim_end_matches([' ', '"', '\'']);
    let start = before
        .char_indices()
        .rev()
        .take(LONGEST_LABEL)
        .find(|(_, sign)| ":=;,&?|{}()[]\"'\n\r\t".contains(*sign))
        .map(|(place, sign)| place + sign.len_utf8());
    let whole = || (before.len() <= LONGEST_LABEL).then_some(0);
    start.or_else(whole).map_or("", |start| before[start..].trim())
}

/// Whether the first word is neither a setting nor a place to fill in.
fn is_filled(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '"', '\'']);
    let ends = |sign: char| sign.is_whitespace() || ";,&\"'".contains(sign);
    let end = after.char_indices().take(LONGEST_SECRET).find(|(_, sign)| ends(*sign)).map_or_else(
        || after.char_indices().nth(LONGEST_SECRET).map_or(after.len(), |(end, _)| end),
        |(end, _)| end,
    );
    let word = &after[..end];
    word.len() >= 3
        && word.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80)
        && !word.starts_with(['{', '<', '[', '@'])
        && !word.starts_with("${")
        && !is_flag_word(word)
        && !harmless::is_known(word)
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn a_secret_after_its_name_is_seen() {
        for text in [
            "pw: Rosengarten",
            "Kennwort=Sonne",
            "user jane, password: 'bluebird'",
            "x=1&api_key=abcd",
            "{\"senha\":\"praia\"}",
        ] {
            assert!(seen(text), "{text}");
        }
    }

    #[test]
    fn what_only_speaks_of_one_is_not() {
        for text in [
            "Password:",
            "Password: {0}",
            "password: ********",
            "Password: required",
            "password_length=secret",
            "token=${TOKEN}",
            "Status: Open",
            "Key=Value",
            "a:b",
        ] {
            assert!(!seen(text), "{text}");
        }
    }
}
