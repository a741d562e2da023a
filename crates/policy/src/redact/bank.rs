//! Accounts at banks and payment cards: IBANs (ISO 13616), card numbers (ISO/IEC 7812), and any such number where the key
//! speaks of one.
//!
//! An IBAN is known by its country's length, not by its check digits alone: a mistyped account is an account, too.

use super::hints::BANK;
use super::scan::{Sight, mark};

/// Each country's length, from the IBAN registry of SWIFT.
const LENGTHS: [(&str, usize); 88] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

/// Whether the value holds an account's or a card's number.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if sight.hints.promise(BANK) && (digits(sight.value) >= 4 || is_bic(sight.value)) {
        return true;
    }
    sight.has(mark::DIGIT) && sight.value.len() >= 13 && (has_iban(sight.value) || has_card(sight.value))
}

/// Whether a plain number under this key is an account or a card.
pub(super) fn is_plain(sight: &Sight<'_>, number: i64) -> bool {
    (sight.hints.promise(BANK) && number >= 1_000) || has_card(&number.to_string())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether an IBAN starts anywhere: two letters of a country and two digits, then its characters in one piece or in groups.
fn has_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts = |at: usize| {
        bytes[at].is_ascii_alphabetic()
            && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
            && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
    };
    (0..bytes.len()).filter(|at| starts(*at)).any(|at| is_iban(&bytes[at..]))
}

fn is_iban(bytes: &[u8]) -> bool {
    let country = [bytes[0].to_ascii_uppercase(), bytes[1].to_ascii_uppercase()];
    let Ok(known) = LENGTHS.binary_search_by(|(code, _)| code.as_bytes().cmp(&country)) else { return false };
    let mut signs = 0;
    let mut digits = 0;
    let mut gap = false;
    for byte in bytes {
        match byte {
            b' ' | b'-' | b'.' if !gap => gap = true,
            byte if byte.is_ascii_alphanumeric() => {
                if signs == LENGTHS[known].1 {
                    // A word after a gap is not a part of the number.
                    return gap && digits >= 8;
                }
                if (signs == 2 || signs == 3) && !byte.is_ascii_digit() {
                    return false;
                }
                signs += 1;
                digits += usize::from(byte.is_ascii_digit());
                gap = false;
            }
            _ => break,
        }
    }
    signs == LENGTHS[known].1 && digits >= 8
}

/// 13 to 19 digits, in one piece or in groups, that start as cards do and whose last digit checks (Luhn); or four groups of
/// four.
fn has_card(text: &str) -> bool {
    text.split(|letter: char| !(letter.is_ascii_digit() || " -".contains(letter)))
        .map(|run| run.trim_matches([' ', '-']))
        .any(is_card)
}

fn is_card(run: &str) -> bool {
    let count = digits(run);
    if !(13..=19).contains(&count) || run.len() > count + 4 {
        return false;
    }
    let in_fours = run.split([' ', '-']).count() == 4 && run.split([' ', '-']).all(|group| group.len() == 4);
    let starts = run.starts_with(['3', '4', '5', '6']) || run.starts_with("22");
    in_fours || (starts && luhn(run))
}

/// The check of ISO/IEC 7812-1, annex B.
fn luhn(run: &str) -> bool {
    let sum: u32 = run
        .bytes()
        .rev()
        .filter(u8::is_ascii_digit)
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}

/// ISO 9362: a bank's eight or eleven letters and digits, capitals.
fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && text.bytes().take(6).all(|byte| byte.is_ascii_uppercase())
}
