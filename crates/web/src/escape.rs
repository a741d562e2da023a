//! Addresses: paths and parameters, escaped.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a segment of a path or a parameter's value.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
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
}
