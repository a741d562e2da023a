//! Texts that name a customer: two that look the same must be the same, so what cannot be seen, or looks like something else, is
//! refused. The rules follow Unicode Technical Standard 39, word by word: "ООО Lucity" is a name, "Luсity" with a Cyrillic
//! letter in it is a trap.

use unicode_normalization::is_nfc;
use unicode_security::MixedScript;
use unicode_security::general_security_profile::{GeneralSecurityProfile, IdentifierType};
use unicode_security::is_potential_mixed_script_confusable_char;

use crate::limits::TEXT_LENGTH;

/// Why a text cannot name a customer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// Empty, too long, or with control characters.
    #[error("is empty, longer than {TEXT_LENGTH} bytes, or has control characters")]
    Form,
    /// A character that cannot be seen, or that changes the direction of what is read.
    #[error("has a character that cannot be seen: U+{0:04X}")]
    Invisible(u32),
    /// A character that looks like another one, or the same characters in another encoding.
    #[error("has a character that looks like another one: {0} (U+{1:04X})")]
    LookAlike(char, u32),
    /// Accents that stand apart from their letters: the composed form looks the same.
    #[error("is not in composed form (NFC)")]
    NotComposed,
}

/// Holds a customer's text against the rules.
///
/// # Errors
/// The first [`IdentityFault`].
pub fn check(text: &str) -> Result<(), IdentityFault> {
    if text.trim().is_empty() || text.len() > TEXT_LENGTH || text.chars().any(char::is_control) {
        return Err(IdentityFault::Form);
    }
    if text.is_ascii() {
        return Ok(());
    }
    if let Some(hidden) = text.chars().find(|character| is_invisible(*character)) {
        return Err(IdentityFault::Invisible(hidden.into()));
    }
    if !is_nfc(text) {
        return Err(IdentityFault::NotComposed);
    }
    let look_alike = |character: char| IdentityFault::LookAlike(character, character.into());
    if let Some(variant) = text.chars().find(|character| is_variant(*character)) {
        return Err(look_alike(variant));
    }
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter_map(stranger).next().map_or(Ok(()), |character| Err(look_alike(character)))
}

/// Default-ignorable characters, direction controls, blanks other than the ordinary space, and letters without a shape.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || (character.is_whitespace() && character != ' ')
}

/// A letter or digit in another dress: full-width, mathematical, superscript.
fn is_variant(character: char) -> bool {
    character.is_alphanumeric() && character.identifier_type() == Some(IdentifierType::Not_NFKC)
}

/// In a word of several scripts, a character that looks like one of another script, or that belongs to a third one.
fn stranger(word: &str) -> Option<char> {
    if word.is_single_script() {
        return None;
    }
    let others: String = word.chars().filter(|character| !character.is_ascii()).collect();
    // Katakana and hiragana resemble ideographs, and nothing that is written beside them.
    let confusable = |other: &char| is_potential_mixed_script_confusable_char(*other) && !is_kana(*other);
    let confusable = others.chars().find(confusable);
    confusable.or_else(|| others.chars().next().filter(|_| !others.as_str().is_single_script()))
}

fn is_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{30ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_are_names() {
        for good in [
            "4711",
            "C-1042 / West",
            "Town of Happyville",
            "Gemeinde Grünwald",
            "Ville de Saint-Étienne",
            "ООО Lucity",
            "Город Москва",
            "Δήμος Αθηναίων",
            "東京都庁",
            "トヨタ自動車株式会社",
            "ソニーGroup",
            "서울특별시 IT",
            "שירותי IT",
            "بلدية دبي",
            "नगर निगम",
            "Łódź №5",
            "Acme & Söhne (㈱)",
            "ᐃᓄᒃᑎᑐᑦ",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_cannot_be_seen_or_looks_like_something_else_is_none() {
        for (bad, fault) in [
            ("47\u{200b}11", IdentityFault::Invisible(0x200b)),
            ("4711\u{feff}", IdentityFault::Invisible(0xfeff)),
            ("\u{202e}1174", IdentityFault::Invisible(0x202e)),
            ("Acme\u{2066}", IdentityFault::Invisible(0x2066)),
            ("Ac\u{ad}me", IdentityFault::Invisible(0xad)),
            ("Acme\u{a0}Inc", IdentityFault::Invisible(0xa0)),
            ("Acme\u{3164}", IdentityFault::Invisible(0x3164)),
            ("Acme\u{e0041}", IdentityFault::Invisible(0xe0041)),
            ("\u{410}cme", IdentityFault::LookAlike('А', 0x410)),
            ("Luсity", IdentityFault::LookAlike('с', 0x441)),
            ("Αcme", IdentityFault::LookAlike('Α', 0x391)),
            ("ＡＣＭＥ", IdentityFault::LookAlike('Ａ', 0xff21)),
            ("𝐀cme", IdentityFault::LookAlike('𝐀', 0x1d400)),
            ("Mu\u{308}ller", IdentityFault::NotComposed),
            (" ", IdentityFault::Form),
            ("a\nb", IdentityFault::Form),
        ] {
            assert_eq!(check(bad), Err(fault), "{bad}");
        }
    }
}
