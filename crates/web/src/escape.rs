//! Addresses: paths and parameters, escaped.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a segment of a path or a parameter's value.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A text as a segment of a path that arrives as it was sent. Browsers and proxies resolve `.` and `..`, also where they are
/// written `%2e`; some decode or refuse `%2F`, `%5C` and `%00`, and merge empty segments. So what is not plain is written
/// `=2F`, as in a quoted-printable text (RFC 2045, section 6.7): the sign means nothing within a path. [`from_segment`]
/// reads it.
pub fn segment(text: &str) -> String {
    let is_dots = text.bytes().all(|byte| byte == b'.');
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) || byte == b'.' && !is_dots;
    let mut segment = String::with_capacity(text.len().max(1));
    for byte in text.bytes() {
        if is_plain(byte) {
            segment.push(char::from(byte));
        } else {
            segment.extend(['=', hexadecimal_digit(byte >> 4), hexadecimal_digit(byte & 15)]);
        }
    }
    if segment.is_empty() { "=".to_owned() } else { segment }
}

/// The text of a segment, whose percent-encoding is already undone. What somebody typed by hand stands for itself.
pub fn from_segment(segment: &str) -> String {
    if segment == "=" {
        return String::new();
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'=').then(|| after.split_at_checked(2)).flatten();
        let decoded = escaped.and_then(|(digits, after)| Some((hexadecimal(digits)?, after)));
        let (byte, after) = decoded.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}

fn hexadecimal_digit(half: u8) -> char {
    char::from_digit(half.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*digits.first()?)? * 16 + digit(*digits.get(1)?)?).ok()
}

/// An address from a path whose segments are escaped already, and parameters, in order.
pub fn address(path: &str, parameters: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    for (place, (name, value)) in parameters.iter().enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&escaped(value));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_unreserved_characters_are_escaped() {
        assert_eq!(escaped("a b&c=ü/+"), "a%20b%26c%3D%C3%BC%2F%2B");
        assert_eq!(escaped("AZaz09-._~"), "AZaz09-._~");
    }

    #[test]
    fn a_segment_comes_back_and_holds_nothing_that_is_resolved_on_its_way() {
        for text in [
            "",
            ".",
            "..",
            "...",
            "/",
            "//",
            "a/b",
            "\\",
            "%2e%2e",
            "%2F",
            "?",
            "#",
            "a?b#c",
            ";",
            "=",
            "==",
            "=2E",
            "a b",
            "+",
            "\u{0}",
            "Zürich",
            "~abc",
            "4711",
            "WKOPTIONS.MODE",
            ".hidden",
            "\u{202e}x",
        ] {
            let written = segment(text);
            assert_eq!(from_segment(&written), text, "{written}");
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=".contains(&byte);
            assert!(!written.is_empty() && written.bytes().all(is_plain), "{written}");
            assert!(written.bytes().any(|byte| byte != b'.'), "{written}");
        }
    }

    #[test]
    fn a_plain_name_is_its_own_segment_and_a_typed_one_stands_for_itself() {
        for plain in ["4711", "~Abc-_", "WKOPTIONS.MODE", "2015r2"] {
            assert_eq!(segment(plain), plain);
        }
        for typed in ["a=b", "a=", "=G0", "Town of A", "=FF"] {
            assert_eq!(from_segment(typed), typed);
        }
    }
}
