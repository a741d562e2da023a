//! Secrets: by the key's name, by forms that only secrets have, and long strings in which no word can be read.

use super::flag_word::is_flag_word;
use super::hints::{Hints, LICENCE, SECRET};
use super::scan::{Sight, mark, runs, starts_with};
use super::secret_forms::{Alphabet, FORMS};
use super::{harmless, labelled, licence, password};

/// The shortest run that is looked at for disorder: shorter ones are words, codes and dates.
const SHORTEST_DISORDER: usize = 20;

/// Whether the value holds a secret.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if sight.value.is_empty() {
        return false;
    }
    if sight.hints.promise(SECRET) || (sight.hints.say(SECRET) && is_secret_in_a_property(sight)) {
        return true;
    }
    (sight.hints.promise(LICENCE) && is_code(sight))
        || unmistakable(sight.value)
        || licence::seen(sight.value)
        || (sight.has(mark::COLON | mark::EQUALS) && labelled::seen(sight.value))
        || password::seen(sight.value)
}

/// A password under a key such as "Password Policy": letters and digits or signs, where such a key holds a word or a number.
fn is_secret_in_a_property(sight: &Sight<'_>) -> bool {
    sight.has(mark::LETTER)
        && sight.has(mark::DIGIT | mark::OTHER)
        && !is_flag_word(sight.value)
        && !harmless::is_known(sight.value)
}

/// Letters and digits together, or six digits or more: `License` also holds "Enterprise" and "2015".
fn is_code(sight: &Sight<'_>) -> bool {
    let digits = sight.value.bytes().filter(u8::is_ascii_digit).count();
    let mixed = sight.has(mark::LETTER) && digits > 0 && sight.value.len() >= 5;
    // A letter after many digits is no unit here: `88123A`.
    (mixed && (digits >= 5 || !harmless::is_known(sight.value)))
        || (digits >= 6 && !harmless::is_form(sight.value))
        || digits >= 8
}

/// Whether a flag or a number under this key is a secret all the same: a PIN, a licence's number.
pub(super) fn hides_flag(key: &str) -> bool {
    Hints::of(key).promise(SECRET)
}

/// Whether a number under a key with these hints is one, too; a licence's has six digits or more.
pub(super) fn hides_number(hints: Hints, number: i64) -> bool {
    hints.promise(SECRET) || (hints.promise(LICENCE) && number >= 100_000)
}

/// Whether the text itself, under whatever key, holds a secret.
pub(super) fn unmistakable(text: &str) -> bool {
    if text.len() < 12 {
        return false;
    }
    text.contains("-----BEGIN ")
        || starts_with(text, "sharedaccesssignature ")
        || is_authorization(text)
        || is_hash(text)
        || runs(text, in_token).any(|run| is_issued(run) || is_disorder(run))
}

fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/_-.~".contains(&byte)
}

/// `Bearer …` and `Basic …` of RFC 7235, wherever they stand; `Basic authentication` is none.
fn is_authorization(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let mut scheme = words.next().unwrap_or_default();
    words.any(|word| {
        let is_coded = word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'=');
        let found = (scheme.eq_ignore_ascii_case("bearer") && word.len() >= 12)
            || (scheme.eq_ignore_ascii_case("basic") && word.len() >= 8 && is_coded);
        scheme = word;
        found
    })
}

/// A key or token in the form that its issuer gave it.
fn is_issued(run: &str) -> bool {
    FORMS.iter().any(|form| {
        run.strip_prefix(form.beginning).is_some_and(|rest| {
            let length = rest.bytes().take_while(|byte| form.alphabet.has(*byte)).count();
            // Words follow as well: `pypi-mirror-of-the-office`, `ASIAPACIFICREGION`.
            let is_long = length >= 20 || (length >= 16 && form.alphabet == Alphabet::Capitals);
            let joins_words = matches!(form.alphabet, Alphabet::Words | Alphabet::Dotted | Alphabet::Token);
            let has_digit = rest.bytes().take(length).any(|byte| byte.is_ascii_digit());
            length >= form.fewest && (has_digit || (is_long && !joins_words))
        })
    })
}

/// A password's hash in one of the forms that are kept beside accounts: crypt(3), LDAP's (RFC 2307), Django's, MySQL's, SQL
/// Server's.
fn is_hash(text: &str) -> bool {
    const BEGINNINGS: [&str; 24] = [
        "$1$",
        "$2a$",
        "$2b$",
        "$2y$",
        "$5$",
        "$6$",
        "$7$",
        "$y$",
        "$gy$",
        "$apr1$",
        "$argon2",
        "$pbkdf2",
        "$scrypt$",
        "{sha",
        "{ssha",
        "{md5",
        "{smd5",
        "{crypt}",
        "{bcrypt}",
        "{pbkdf2",
        "pbkdf2_sha",
        "scram-sha-",
        "sha256$",
        "sha1$",
    ];
    let hexadecimal =
        |rest: &str, fewest: usize| rest.len() >= fewest && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    (text.len() >= 20 && BEGINNINGS.iter().any(|beginning| starts_with(text, beginning)))
        || text.strip_prefix('*').is_some_and(|rest| hexadecimal(rest, 40))
        || text.strip_prefix("0x").is_some_and(|rest| hexadecimal(rest, 24))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_issued_form_is_seen_and_nothing_shorter() {
        for form in &FORMS {
            let signs = match form.alphabet {
                Alphabet::Hexadecimal => "0a1b2c3d",
                Alphabet::Capitals => "Q7RS2TU9",
                Alphabet::Letters => "q7Rs2tU9",
                Alphabet::Words => "q7R_2t-9",
                Alphabet::Dotted => "q7R.2t-9",
                Alphabet::Token => "q7R+2t/9",
            };
            let rest: String = signs.chars().cycle().take(form.fewest).collect();
            let value = format!("{}{rest}", form.beginning);
            assert!(is_issued(&value), "{}: {value}", form.name);
            assert!(unmistakable(&format!("token={value};")), "{}: {value}", form.name);
            let short = FORMS.iter().filter(|other| value.starts_with(other.beginning)).count() == 1;
            assert!(!short || !is_issued(&value[..value.len() - 1]), "{}: {value}", form.name);
        }
    }

    #[test]
    fn hashes_of_passwords_are_seen() {
        for hash in [
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$6$rounds=5000$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817",
            "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub",
            "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr",
            "pbkdf2_sha256$260000$abc$def",
            "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
            "0x0100F69FB1B9E4E8C6A1A0D9A5D5F5B5",
        ] {
            assert!(unmistakable(hash), "{hash}");
        }
    }
}
