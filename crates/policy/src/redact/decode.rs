//! Values that were encoded on their way into a settings table: percent-encoding (RFC 3986), HTML's and JSON's escapes. The
//! detectors look at what they say.

use std::borrow::Cow;

/// How often an encoded value may have been encoded again.
pub(super) const DEPTH: usize = 3;

/// The value one step decoded; `None` where nothing in it is encoded.
pub(super) fn step(value: &str) -> Option<String> {
    if !value.bytes().any(|byte| b"%&\\".contains(&byte)) {
        return None;
    }
    let decoded = percent(value);
    let decoded = escapes(&decoded);
    (decoded != value).then(|| decoded.into_owned())
}

/// `%3A` and the like; bytes that are not UTF-8 are `?`.
fn percent(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(hexadecimal);
        decoded.push(pair.unwrap_or(*byte));
        at += if pair.is_some() { 3 } else { 1 };
    }
    if decoded.len() == bytes.len() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(String::from_utf8(decoded).unwrap_or_else(|odd| {
        String::from_utf8_lossy(odd.as_bytes()).replace(char::REPLACEMENT_CHARACTER, "?")
    }))
}

fn hexadecimal(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
}

/// `&amp;`, `&#58;`, `&#x3a;`, `\/` and `\u003a`.
fn escapes(value: &str) -> Cow<'_, str> {
    if !value.bytes().any(|byte| b"&\\".contains(&byte)) {
        return Cow::Borrowed(value);
    }
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(place) = rest.find(['&', '\\']) {
        decoded.push_str(&rest[..place]);
        rest = &rest[place..];
        let (letter, length) = one_escape(rest).unwrap_or_else(|| {
            let first = rest.chars().next().unwrap_or('?');
            (first, first.len_utf8())
        });
        decoded.push(letter);
        rest = &rest[length..];
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// The letter that an escape at the text's start stands for, and the escape's length.
fn one_escape(text: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 8] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&colon;", ':'),
        ("&sol;", '/'),
        ("\\/", '/'),
    ];
    if let Some((escape, letter)) = NAMED.iter().find(|(escape, _)| text.starts_with(escape)) {
        return Some((*letter, escape.len()));
    }
    let (digits, radix, length) = if let Some(digits) = text.strip_prefix("\\u") {
        (digits.get(..4)?, 16, 6)
    } else {
        let number = text.strip_prefix("&#")?;
        let (digits, _) = number.split_once(';').filter(|(digits, _)| digits.len() <= 7)?;
        match digits.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16, digits.len() + 4),
            None => (digits, 10, digits.len() + 3),
        }
    };
    let letter = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32)?;
    Some((letter, length))
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn one_step_is_decoded() {
        for (value, decoded) in [
            ("http%3A%2F%2Fintranet%2Fx", "http://intranet/x"),
            ("http%253A", "http%3A"),
            ("a&#58;b&#x3a;c&amp;d", "a:b:c&d"),
            ("http:\\/\\/intranet", "http://intranet"),
            ("\\u0068ost", "host"),
            ("%C3%BCber", "über"),
            ("%FFx%", "?x%"),
        ] {
            assert_eq!(step(value).as_deref(), Some(decoded), "{value}");
        }
        for value in ["50%", "100 %", "%d", "R&D", "a\\b", "&#;", "&#xzz;", "\\u00", "%zz", ""] {
            assert_eq!(step(value), None, "{value}");
        }
    }
}
