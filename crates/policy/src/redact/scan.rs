//! One look at a key and its value, shared by all detectors, so that an ordinary short value costs one pass over its
//! bytes: which kinds of characters it has decides which detectors need to look closer.

use super::flag_word::is_flag_word;
use super::harmless;
use super::hints::Hints;

/// A key and its value as the detectors see them.
pub(super) struct Sight<'a> {
    /// The value, without spaces around it.
    pub(super) value: &'a str,
    /// What the key says about the value.
    pub(super) hints: Hints,
    marks: u16,
}

/// Kinds of characters.
pub(super) mod mark {
    pub(in crate::redact) const DOT: u16 = 1;
    pub(in crate::redact) const COLON: u16 = 1 << 1;
    pub(in crate::redact) const AT: u16 = 1 << 2;
    pub(in crate::redact) const BACKSLASH: u16 = 1 << 3;
    pub(in crate::redact) const SLASH: u16 = 1 << 4;
    pub(in crate::redact) const EQUALS: u16 = 1 << 5;
    pub(in crate::redact) const DASH: u16 = 1 << 6;
    pub(in crate::redact) const DIGIT: u16 = 1 << 7;
    pub(in crate::redact) const LETTER: u16 = 1 << 8;
    pub(in crate::redact) const SPACE: u16 = 1 << 9;
    pub(in crate::redact) const OTHER: u16 = 1 << 10;
}

impl<'a> Sight<'a> {
    /// A value under a key.
    pub(super) fn of(key: &str, value: &'a str) -> Self {
        Self { hints: Hints::of(key), ..Self::of_text(value) }
    }

    /// A text that stands under no key.
    pub(super) fn of_text(value: &'a str) -> Self {
        let value = value.trim();
        let marks = value.bytes().fold(0, |marks, byte| marks | mark_of(byte));
        Self { value, hints: Hints::default(), marks }
    }

    /// Whether the value has a form that names nothing, and is no short name that only looks like one: `sa`, `sp1`.
    fn has_a_form(&self) -> bool {
        const LONGEST_NAME: usize = 4;
        self.value.len() > LONGEST_NAME && harmless::is_form(self.value)
    }

    /// What the value says once it is decoded, under the same key.
    pub(super) fn decoded<'b>(&self, text: &'b str) -> Sight<'b> {
        Sight { hints: self.hints, ..Sight::of_text(text) }
    }

    /// Whether the value has characters of this kind, or of any of these.
    pub(super) fn has(&self, marks: u16) -> bool {
        self.marks & marks != 0
    }

    /// Whether the value could be the name of something: it has a letter, and neither sets a flag nor has a form that names
    /// nothing.
    pub(super) fn could_be_a_name(&self) -> bool {
        self.has(mark::LETTER) && !is_flag_word(self.value) && !self.has_a_form()
    }
}

fn mark_of(byte: u8) -> u16 {
    match byte {
        b'.' => mark::DOT,
        b':' => mark::COLON,
        b'@' => mark::AT,
        b'\\' => mark::BACKSLASH,
        b'/' => mark::SLASH,
        b'=' => mark::EQUALS,
        b'-' => mark::DASH,
        b'0'..=b'9' => mark::DIGIT,
        b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => mark::LETTER,
        b' ' | b'\t' | b'\r' | b'\n' => mark::SPACE,
        _ => mark::OTHER,
    }
}

/// Letters and digits, those beyond ASCII included.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The longest runs of bytes that belong together. `belongs` treats all bytes from 0x80 alike, so that no character is
/// cut in two.
pub(super) fn runs(text: &str, belongs: fn(u8) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |character: char| match u8::try_from(character) {
        Ok(byte) if byte < 0x80 => !belongs(byte),
        _ => !belongs(0x80),
    })
    .filter(|run| !run.is_empty())
}

/// Whether a new word or quotation starts at a place in the text: what stands before it ends one.
pub(super) fn starts_at(bytes: &[u8], place: usize) -> bool {
    place == 0 || b" \t\r\n\"'`=(,;:[{|>".contains(&bytes[place - 1])
}

/// Whether the text starts with a prefix, letters in either case.
pub(super) fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}
