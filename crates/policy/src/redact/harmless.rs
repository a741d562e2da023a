//! Values that reveal nothing about a site, by their form: what a strict metric sends. The password's detector asks as well,
//! so that an encoding or a format is not taken for one.

use super::flag_word::is_flag_word;
use super::fold::to_ascii;
use super::word_list::holds;

mod date;
mod names;
mod numbers;

/// Words that options are set to, in English, German, French, Spanish, Portuguese and Dutch, as `fold` writes them.
pub(super) const WORDS: &str = include_str!("harmless_words.txt");

/// The forms, for people.
pub(crate) const FORMS: [&str; 10] = [
    "a number or a range",
    "a yes or a no",
    "a version",
    "a date, a time or a duration",
    "a format or a pattern of placeholders",
    "a colour",
    "a language or a time zone",
    "a character encoding, a collation or a media type",
    "a unit, a paper size or a font",
    "common words that options are set to, such as “Daily” or “High”",
];

/// Longest value that a form is looked for in: enumerated values are short.
const LONGEST: usize = 80;

/// Whether a value reveals nothing: its form is known, or it consists of words that options are set to.
pub(super) fn is_known(value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() {
        return true;
    }
    value.len() <= LONGEST && (value.chars().count() <= 2 || is_form(value) || is_words(value))
}

/// Whether the value has a form that no name has.
pub(super) fn is_form(value: &str) -> bool {
    is_flag_word(value)
        || numbers::is_number(value)
        || is_release(value)
        || date::is_known(value)
        || names::is_known(value)
}

/// `1.2.3-rc.1`, `2015r2 SP1`, `v7.60`, `Version 2`.
fn is_release(value: &str) -> bool {
    const WORDS: [&str; 22] = [
        "v", "x", "r", "rc", "sp", "a", "b", "c", "beta", "alpha", "final", "release", "ga", "build",
        "snapshot", "preview", "patch", "u", "cu", "update", "version", "hotfix",
    ];
    let number =
        value.trim_start_matches("Version ").trim_start_matches("version ").trim_start_matches(['v', 'V']);
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    // Groups of digits alone are telephones, accounts and keys.
    if !value.bytes().any(|byte| byte == b'.' || byte.is_ascii_alphabetic()) {
        return false;
    }
    let is_part = |part: &str| {
        let word = part.trim_matches(|edge: char| edge.is_ascii_digit());
        let inner = word.split(|sign: char| sign.is_ascii_digit());
        part.len() <= 8
            && (part.starts_with(|first: char| first.is_ascii_digit())
                || inner.clone().filter(|word| !word.is_empty()).count() <= 1)
            && inner
                .clone()
                .all(|word| word.is_empty() || WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
    };
    let mut parts = value.split([' ', '.', '-', '_', '+', '(', ')']).filter(|part| !part.is_empty());
    value.len() <= 32 && parts.clone().count() <= 6 && parts.all(is_part)
}

/// Words that options are set to, a few at a time, with digits of their own: `DayOfWeek`, `top-left`, `Level 3`, `sha256`.
fn is_words(value: &str) -> bool {
    const LONGEST_WORD: usize = 24;
    // Paths, addresses and mailboxes may consist of such words.
    if value.contains("//") || value.contains(['\\', '@', '=', '$', '^']) {
        return false;
    }
    // And passwords of such words and digits end with a sign.
    if value.contains(['!', '?']) && value.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let folded = to_ascii(value);
    let (mut words, mut known) = (0, 0);
    for part in folded.split(|sign: char| " _-/,;|.+:&()'\"!?\t[]".contains(sign)).flat_map(humps) {
        if part.starts_with(|first: char| first.is_ascii_digit()) && numbers::is_number(part) {
            continue;
        }
        let word = part.trim_end_matches(|sign: char| sign.is_ascii_digit());
        let digits = &part[word.len()..];
        let years = digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
        if digits.len() > 3 && !years || word.len() > LONGEST_WORD {
            return false;
        }
        words += 1;
        let mut lower = [0; LONGEST_WORD];
        for (to, from) in lower.iter_mut().zip(word.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        let lower = std::str::from_utf8(&lower[..word.len()]).unwrap_or_default();
        match word.len() {
            0 | 1 => {}
            _ if holds(WORDS, lower) || is_plural(lower) => known += 1,
            _ => return false,
        }
    }
    known >= 1 && words <= 10
}

fn is_plural(word: &str) -> bool {
    word.strip_suffix('s').is_some_and(|one| one.len() >= 4 && holds(WORDS, one))
}

/// The words of a name in camel case; `XMLFile` is `XML` and `File`.
fn humps(part: &str) -> impl Iterator<Item = &str> {
    let mut rest = part;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let digit = |at: usize| bytes[at].is_ascii_digit();
        // `prime256v1`, and not `jul1en`.
        let after_digits = |at: usize| {
            at >= 2
                && bytes[at].is_ascii_lowercase()
                && digit(at - 1)
                && digit(at - 2)
                && bytes[0].is_ascii_alphabetic()
        };
        let starts_word = |at: usize| {
            after_digits(at)
                || bytes[at].is_ascii_uppercase()
                    && (bytes[at - 1].is_ascii_lowercase()
                        || bytes[at - 1].is_ascii_digit()
                        || (bytes[at - 1].is_ascii_uppercase()
                            && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)))
        };
        // A plural of capitals, `URLs`, is one word.
        let end =
            (1..bytes.len()).find(|at| starts_word(*at) && &bytes[*at + 1..] != b"s").unwrap_or(bytes.len());
        let (hump, after) = rest.split_at(end);
        rest = after;
        Some(hump)
    })
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn what_options_are_set_to_is_known() {
        for value in [
            "",
            "True",
            "n/a",
            "12",
            "-0,5",
            "1 234.50",
            "50%",
            "10 px",
            "30s",
            "1024x768",
            "16:9",
            "1-10",
            "1,2,3",
            "$1,200.00",
            "7.60",
            "2015r2 SP1",
            "v2.0.1-beta.2",
            "10.0.19041.1288",
            "21.11.2015",
            "2015-11-21T22:10:05Z",
            "12:30 PM",
            "PT15M",
            "0 0 * * *",
            "dd/MM/yyyy",
            "yyyy-MM-dd'T'HH:mm:ss",
            "%Y-%m-%d",
            "#,##0.00",
            "{0:N2}",
            "#FF8800",
            "rgb(10, 20, 30)",
            "DarkSlateGray",
            "en-US",
            "de_CH.UTF-8",
            "de_DE@euro",
            "zh-Hans-CN",
            "Europe/London",
            "(UTC+01:00) Amsterdam, Berlin",
            "W. Europe Standard Time",
            "(UTC+12:00) Coordinated Universal Time+12",
            "(UTC+03:00) Moscow, St. Petersburg",
            "UTC-05:00",
            "UTF-8",
            "ISO-8859-1",
            "windows-1252",
            "SQL_Latin1_General_CP1_CI_AS",
            "utf8mb4_unicode_ci",
            "text/html",
            "application/json; charset=utf-8",
            "EPSG:4326",
            "A4",
            "Arial, 10pt",
            "Times New Roman",
            "Ctrl+Shift+F5",
            "*.jpg;*.png",
            ".csv",
            "Daily",
            "Top-Left",
            "DayOfWeek",
            "Level 3",
            "AES-256-CBC",
            "TLSv1.2",
            "SHA256",
            "Work Order",
            "Täglich",
            "Jamais",
            "rwxr-xr-x",
            ";",
            "|",
            "Vitrified Clay",
            "255,128,0",
        ] {
            assert!(is_known(value), "{value}");
        }
    }

    #[test]
    fn what_names_something_is_not() {
        for value in [
            "hunter2",
            "Sommer2024!",
            "Happyville",
            "jdoe",
            "Jane Doe",
            "gis01.happyville.local",
            "lucitydb",
            "https://intranet/x",
            "C:\\Lucity",
            "4711-0815-1234-5678-9012",
            "DE89370400440532013000",
            "Project Bluebird",
            "Acme GmbH",
            "0151 23456789",
            "a1b2c3d4e5",
            "CN=Jane",
            "S-1-5-21-1-2-3-500",
            "10.20.30.40:1433",
            "eo-aa.ao",
            "no-fs.intra",
            "it@lucitycorp",
            "(UTC) gis01.happyville.local",
            "gis01.happyville.local Standard Time",
            "text/plain; charset=hunter2",
        ] {
            assert!(!is_known(value), "{value}");
        }
    }
}
