//! Numbers, ranges and lists of them, with and without a unit.

/// Most digits of one number: longer ones are keys, accounts and telephones.
const MOST_DIGITS: usize = 9;

/// Whether the value is a number, a range or a list of numbers, and perhaps a unit.
pub(super) fn is_number(value: &str) -> bool {
    const HEXADECIMAL: usize = 10;
    if let Some(digits) = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")) {
        return digits.len() + 2 <= HEXADECIMAL && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let value =
        value.trim_start_matches(['$', '€', '£', '±', '<', '>', '=', '~', ' ', '(']).trim_end_matches(')');
    let parts =
        || value.split([',', ';', ' ', ':', '/', '\'', '\u{a0}', '\u{202f}']).filter(|part| !part.is_empty());
    let mut digits = 0;
    let all = parts().all(|part| {
        digits += part.bytes().filter(u8::is_ascii_digit).count();
        is_part(part)
    });
    let starts =
        value.trim_start_matches(['+', '-', '.', '*']).starts_with(|first: char| first.is_ascii_digit());
    let is_address = parts().any(|part| part.matches('.').count() >= 3);
    all && starts && !is_address && digits <= 24 && parts().count() <= 16 && !is_grouped(value)
}

/// Groups of digits as keys, cards and telephones have them: two of four digits or more, or three or more with dashes.
fn is_grouped(value: &str) -> bool {
    let groups = value.split(|sign: char| !sign.is_ascii_digit()).filter(|group| !group.is_empty());
    let long = groups.clone().filter(|group| group.len() >= 4).count();
    let dashes = value.matches('-').count();
    (long >= 3 && groups.count() >= 3 && !value.contains([',', ';']))
        || dashes >= 2
        || (value.starts_with('0') && long >= 2)
}

/// `-0.5`, `10-20`, `0..100`, `1024x768`, `10px`, `1h30m`.
fn is_part(part: &str) -> bool {
    let mut rest = part.trim_start_matches(['+', '-']);
    let mut pieces = 0;
    while !rest.is_empty() {
        let letters = rest.trim_start_matches(|sign: char| sign.is_ascii_digit() || ".-…–".contains(sign));
        let digits = rest[..rest.len() - letters.len()].bytes().filter(u8::is_ascii_digit).count();
        let after = letters.trim_start_matches(|sign: char| !sign.is_ascii_digit() && !".-".contains(sign));
        let unit = &letters[..letters.len() - after.len()];
        if digits > MOST_DIGITS || !(unit.is_empty() || is_unit(unit)) {
            return false;
        }
        rest = after;
        pieces += 1;
    }
    pieces <= 4
}

#[rustfmt::skip]
const UNITS: [&str; 75] = [
    "%", "‰", "°", "°c", "°f", "px", "pt", "em", "rem", "pc", "in", "ft", "yd", "mi", "mm", "cm", "dm", "m", "km", "ms", "s",
    "sec", "secs", "seconds", "min", "mins", "minutes", "h", "hr", "hrs", "hours", "d", "days", "day", "w", "weeks", "months",
    "years", "y", "b", "kb", "mb", "gb", "tb", "k", "g", "t", "kib", "mib", "gib", "bytes", "bit", "bits", "kbps", "mbps", "dpi", "ppi",
    "hz", "khz", "mhz", "ghz", "kg", "lb", "lbs", "l", "ml", "gal", "psi", "bar", "kw", "kwh", "x", "e", "€", "$",
];

/// A unit, or what stands between two numbers.
fn is_unit(unit: &str) -> bool {
    unit.len() <= 7 && UNITS.iter().any(|known| known.eq_ignore_ascii_case(unit))
}
