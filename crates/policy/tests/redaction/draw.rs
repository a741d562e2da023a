//! Draws values from the formats: the same seed, the same corpus.

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::Labelled;
use super::formats::{FORMATS, Finish, Format, KEYS_NEUTRAL};

/// Values of each format.
const EACH: usize = 12;

/// A corpus of all classes.
pub fn corpus(seed: u64) -> Vec<Labelled> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    FORMATS
        .iter()
        .flat_map(|format| (0..EACH).map(|_| one(format, &mut runner)).collect::<Vec<_>>())
        .collect()
}

fn one(format: &Format, runner: &mut TestRunner) -> Labelled {
    let keys = if format.keys.is_empty() { KEYS_NEUTRAL } else { format.keys };
    let key = keys[below(keys.len(), runner)].to_owned();
    let pattern = format.patterns[below(format.patterns.len(), runner)];
    let value = string_regex(pattern).unwrap().new_tree(runner).unwrap().current();
    Labelled { class: format.class.to_owned(), key, value: finish(format.finish, &value) }
}

fn below(count: usize, runner: &mut TestRunner) -> usize {
    (0..count).new_tree(runner).unwrap().current()
}

fn finish(finish: Finish, value: &str) -> String {
    match finish {
        Finish::AsItIs => value.to_owned(),
        Finish::Iban => iban(value),
        Finish::IbanInFours => in_groups(&iban(value), 4, ' '),
        Finish::Card => with_check_digit(value),
        Finish::CardInFours => in_groups(&with_check_digit(value), 4, ' '),
        Finish::PercentEncoded => percent(value),
        Finish::PercentEncodedTwice => percent(&percent(value)),
        Finish::Escaped => value.replace(':', "&#58;").replace('/', "&#x2F;"),
    }
}

/// The country's letters, two check digits of ISO 7064, and the account.
fn iban(value: &str) -> String {
    let (country, account) = value.split_at(2);
    let remainder = format!("{account}{country}00").bytes().fold(0_u32, |sum, sign| match sign {
        b'0'..=b'9' => (sum * 10 + u32::from(sign - b'0')) % 97,
        _ => (sum * 100 + u32::from(sign - b'A') + 10) % 97,
    });
    format!("{country}{:02}{account}", 98 - remainder)
}

/// The number and the digit that makes it pass the check of ISO/IEC 7812-1.
fn with_check_digit(value: &str) -> String {
    let sum: u32 = value
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{value}{}", (10 - sum % 10) % 10)
}

fn in_groups(value: &str, length: usize, separator: char) -> String {
    let signs: Vec<char> = value.chars().collect();
    let groups: Vec<String> = signs.chunks(length).map(|group| group.iter().collect()).collect();
    groups.join(&separator.to_string())
}

/// All but the unreserved characters of RFC 3986.
fn percent(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
