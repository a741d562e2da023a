//! Secrets: by the key's name, by forms that only secrets have, and long strings in which no word can be read.

use super::hints::{ACCOUNT, Hints, SECRET};
use super::scan::{Sight, is_flag_word, mark, runs, starts_with};

/// Forms that issuers of keys and tokens gave them, and the fewest characters that follow.
const PREFIXES: [(&str, usize); 20] = [
    ("AKIA", 12),
    ("ASIA", 12),
    ("AROA", 12),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("github_pat_", 16),
    ("glpat-", 12),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("sk-", 20),
    ("AIza", 20),
    ("eyJ", 16),
    ("SG.", 16),
    ("npm_", 20),
    ("pypi-", 16),
    ("hf_", 20),
];

/// The shortest run that is looked at for disorder: shorter ones are words, codes and dates.
const SHORTEST_DISORDER: usize = 20;

/// Whether the value holds a secret.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if sight.value.is_empty() {
        return false;
    }
    if sight.hints.say(SECRET) {
        let plain = is_flag_word(sight.value) || !sight.has(mark::LETTER);
        if !(sight.hints.property && plain) {
            return true;
        }
    }
    (sight.hints.promise(ACCOUNT) && sight.could_be_a_name()) || unmistakable(sight.value)
}

/// Whether a flag or a number under this key is a secret all the same: a PIN, a licence's number.
pub(super) fn hides_plain_values(key: &str) -> bool {
    Hints::of(key).promise(SECRET)
}

/// Whether the text itself, under whatever key, holds a secret.
pub(super) fn unmistakable(text: &str) -> bool {
    if text.len() < 12 {
        return false;
    }
    text.contains("-----BEGIN ")
        || (starts_with(text, "bearer ") || starts_with(text, "basic ")) && text.len() >= 20
        || runs(text, in_token).any(|run| is_issued(run) || is_grouped(run) || is_disorder(run))
}

fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/_-.".contains(&byte)
}

fn is_issued(run: &str) -> bool {
    PREFIXES.iter().any(|(prefix, fewest)| {
        run.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= *fewest && rest.bytes().any(|byte| byte.is_ascii_digit()))
    })
}

/// `AB12E-12345-FG4IJ-67890`, a UUID: groups of four to twelve capitals, digits or hexadecimal digits, either four groups
/// with digits among them or three in two of which letters and digits are mixed.
fn is_grouped(run: &str) -> bool {
    let is_group = |group: &str| {
        (4..=12).contains(&group.len())
            && (group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                || group.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_mixed = |group: &&str| {
        group.bytes().any(|byte| byte.is_ascii_digit())
            && group.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let groups = run.split('-').count();
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    (3..=12).contains(&groups)
        && run.split('-').all(is_group)
        && ((groups >= 4 && digits >= 3) || run.split('-').filter(is_mixed).count() >= 2)
}

/// A long run in which no words can be read, its dots and underscores as borders and without.
fn is_disorder(run: &str) -> bool {
    run.split(['.', '_']).chain([run]).any(|part| Disorder::of(part).is_unreadable())
}

/// What tells keys from words: of random keys of 32 signs, 98 in a hundred are unreadable, of names in camel case one or two.
#[derive(Default)]
struct Disorder {
    signs: usize,
    digits: usize,
    digit_runs: usize,
    hexadecimal: usize,
    /// Longest run of consonants, letters of both cases; `y` counts as a vowel.
    consonants: usize,
    /// Letters in runs of one case that are long enough for a word.
    in_words: usize,
}

impl Disorder {
    fn of(part: &str) -> Self {
        let mut seen = Self::default();
        let (mut consonants, mut word, mut last) = (0, 0, b' ');
        for byte in part.bytes().filter(u8::is_ascii_alphanumeric) {
            seen.signs += 1;
            seen.hexadecimal += usize::from(byte.is_ascii_hexdigit());
            if byte.is_ascii_digit() {
                seen.digits += 1;
                seen.digit_runs += usize::from(!last.is_ascii_digit());
            }
            let is_consonant = byte.is_ascii_alphabetic() && !b"aeiouy".contains(&byte.to_ascii_lowercase());
            consonants = if is_consonant { consonants + 1 } else { 0 };
            seen.consonants = seen.consonants.max(consonants);
            // A capital belongs to the small letters after it.
            let goes_on = byte.is_ascii_alphabetic()
                && (last.is_ascii_uppercase() && word <= 1
                    || last.is_ascii_lowercase() == byte.is_ascii_lowercase());
            if !goes_on {
                seen.in_words += if word >= 3 { word } else { 0 };
                word = 0;
            }
            word += usize::from(byte.is_ascii_alphabetic());
            last = byte;
        }
        seen.in_words += if word >= 3 { word } else { 0 };
        seen
    }

    fn is_unreadable(&self) -> bool {
        let hexadecimal = self.hexadecimal == self.signs && (1..self.signs).contains(&self.digits);
        self.signs >= SHORTEST_DISORDER
            && (hexadecimal
                || self.consonants >= 6
                || self.digit_runs >= 3
                || self.in_words * 20 < self.signs * 11)
    }
}
