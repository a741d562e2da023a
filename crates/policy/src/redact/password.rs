//! Passwords under keys that do not speak of one: by what people and generators make passwords of.
//!
//! Nothing tells a passphrase of plain words from a sentence, or a name from an option's value: those leave, unless the key
//! speaks of a secret or the metric is strict.

use super::fold::to_ascii;
use super::harmless;
use super::word_list::holds;

/// Common passwords: those with digits as they are, and words that are one with digits or signs around them. From the list of
/// frequent passwords in zxcvbn (MIT, Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.), without what a product's options
/// are called, and with frequent ones of other languages.
pub(super) const COMMON: &str = include_str!("passwords.txt");

/// Words and walks over the keyboard that are passwords without any digit, and nothing else.
const ALONE: [&str; 26] = [
    "qwerty",
    "qwertz",
    "azerty",
    "qwertyuiop",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "yxcvbnm",
    "letmein",
    "iloveyou",
    "changeme",
    "topsecret",
    "geheim",
    "trustnoone",
    "sesame",
    "sunshine",
    "princess",
    "dragon",
    "monkey",
    "superman",
    "batman",
    "starwars",
    "pokemon",
    "rootroot",
    "testtest",
];

/// Words for a password that people put into one: `MeinPasswort1`.
const SPOKEN: [&str; 6] = ["passwor", "kennwor", "geheim", "motdepasse", "contrasen", "wachtwoor"];

/// Signs that people put into passwords, and products hardly ever into values.
const SIGNS: &[u8] = b"!@$^?";
/// Signs that occur in both.
const WEAK_SIGNS: &[u8] = b"#%&*+~=";

/// Shortest and longest password that is looked for.
const LENGTHS: std::ops::RangeInclusive<usize> = 5..=64;

/// Whether the value looks like a password.
pub(super) fn seen(value: &str) -> bool {
    if !LENGTHS.contains(&value.len()) {
        return false;
    }
    if value.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return is_phrase(value);
    }
    let folded = to_ascii(value);
    is_common(&folded)
        || is_login(&folded)
        || (!harmless::is_known(value)
            && (is_mixed(&folded)
                || is_jumble(&folded)
                || is_small(&folded)
                || is_respelt(&folded)
                || is_joined(&folded)
                || is_phrase(value)))
}

/// A frequent password, whatever letters were replaced by digits and signs (`P@ssw0rd`) and whatever was put around it.
fn is_common(value: &str) -> bool {
    let plain = value.to_ascii_lowercase();
    if ALONE.contains(&plain.as_str()) || holds_digits(&plain) && holds(COMMON, &plain) {
        return true;
    }
    if value.bytes().any(|byte| !byte.is_ascii_alphabetic())
        && !separated(value)
        && SPOKEN.iter().any(|word| plain.contains(word))
    {
        return true;
    }
    let decorated = |edge: char| !edge.is_ascii_alphabetic();
    let stem = plain.trim_matches(decorated);
    let around = value.len() - stem.len();
    if around > 0 && stem.bytes().all(|byte| byte.is_ascii_lowercase()) {
        let counted = plain.strip_prefix(stem).is_some_and(|tail| {
            stem.len() >= 2
                && matches!(tail, "123" | "1234" | "12345" | "123456" | "321" | "007" | "123!" | "1234!")
        });
        // `Welcome!` greets.
        if around == 1 && plain.ends_with(['!', '?']) && holds(harmless::WORDS, stem) {
            return false;
        }
        // One digit after a word is how options are numbered; a capital and a separator are how they are named.
        return counted || (around <= 8 && !separated(value) && stem.len() >= 4 && holds(COMMON, stem));
    }
    let replaced: String = plain.chars().map(unleet).collect();
    let stem = replaced.trim_matches(decorated);
    stem.len() >= 5 && replaced != plain && is_known_stem(stem)
}

/// `admin/admin123`: an account and a frequent password.
fn is_login(value: &str) -> bool {
    value.split_once(['/', ':']).is_some_and(|(account, password)| {
        (2..=20).contains(&account.len()) && password.len() >= 5 && is_common(password)
    })
}

fn separated(value: &str) -> bool {
    value.bytes().any(|byte| b"-_. /:,;()[]{}<>=".contains(&byte))
}

fn holds_digits(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

/// The word, or the word without the letters that its trailing digits were taken for.
fn is_known_stem(stem: &str) -> bool {
    let is_word = |word: &str| word.len() >= 5 && (holds(COMMON, word) || ALONE.contains(&word));
    (0..=4).filter_map(|less| stem.get(..stem.len().checked_sub(less)?)).any(is_word)
}

/// The letter that a digit or a sign is written for.
fn unleet(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Letters, digits and signs together, and not the form of anything that a program reads: an expression, a template, a
/// range of cells.
fn is_mixed(value: &str) -> bool {
    let count = |of: fn(&u8) -> bool| value.bytes().filter(of).count();
    let (lower, upper, digits) =
        (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase), count(u8::is_ascii_digit));
    let signs = value.bytes().filter(|byte| SIGNS.contains(byte)).count();
    let weak = value.bytes().filter(|byte| WEAK_SIGNS.contains(byte)).count();
    if lower + upper < 2 || is_expression(value) {
        return false;
    }
    let signed = signs > 0 && (digits > 0 || is_inside(value));
    let all_kinds =
        weak > 0 && lower > 0 && upper > 0 && digits > 0 && value.len() >= 7 && !value.contains("##");
    signed || all_kinds
}

/// Whether a sign stands between letters, as in `Hund!Katze`.
fn is_inside(value: &str) -> bool {
    value.as_bytes().windows(3).any(|three| {
        b"!@$^".contains(&three[1]) && three[0].is_ascii_alphabetic() && three[2].is_ascii_alphabetic()
    })
}

/// Regular expressions, templates, cell ranges, assignments, markup.
fn is_expression(value: &str) -> bool {
    let bytes = value.as_bytes();
    let has = |part: &str| value.contains(part);
    let anchored = bytes[0] == b'^' || bytes.ends_with(b"$");
    let classes = has("[") || has("\\") || has("(") || has(".*") || has(".+");
    let cells = value.split([':', '!', ',']).all(|cell| {
        cell.starts_with('$')
            && cell.bytes().all(|byte| byte == b'$' || byte.is_ascii_uppercase() || byte.is_ascii_digit())
    });
    let assigned = value.split_once('=').is_some_and(|(name, after)| {
        !after.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-.?".contains(&byte))
    });
    (classes && (anchored || has("]"))) || has("{") || has("<") || has("%s") || has("%d") || cells || assigned
}

/// Letters and digits through one another, as generators make them: `x7Kp2mQ9`, `Tr0ub4dor3`. Capitals and digits alone are
/// how models and parts are numbered.
fn is_jumble(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 8 || !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || SIGNS.contains(byte)) {
        return false;
    }
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    };
    let turns = bytes.windows(2).filter(|two| (kind(two[0]) == 0) != (kind(two[1]) == 0)).count();
    // A capital before small letters starts a word.
    let humps = bytes.windows(2).filter(|two| kind(two[0]) == 1 && kind(two[1]) == 2).count();
    let single = bytes
        .windows(3)
        .filter(|three| kind(three[1]) != kind(three[0]) && kind(three[1]) != kind(three[2]))
        .count();
    let lower = bytes.iter().any(u8::is_ascii_lowercase);
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let upper = bytes.iter().any(u8::is_ascii_uppercase);
    (lower && digits >= 2 && turns >= 3)
        || (lower && upper && digits >= 1 && turns >= 2 && humps + single >= 3)
        || (lower && upper && digits == 0 && single * 2 >= bytes.len())
}

/// Small letters and digits in one piece, or a capital, small letters and a number that is no year: `jordan23`, `Toulouse31`.
/// Options are set to such words as well (`level3`, `sha256`), but to few, and those are known.
fn is_small(value: &str) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_lowercase).count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_short = (6..=20).contains(&value.len());
    let word = value.trim_end_matches(|last: char| last.is_ascii_digit());
    let number = &value[word.len()..];
    let is_year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let is_name = value.starts_with(|first: char| first.is_ascii_uppercase())
        && word.len() == letters + 1
        && letters >= 3
        && (2..=4).contains(&digits)
        && number.len() == digits
        && !is_year;
    is_short
        && ((letters + digits == value.len() && letters >= 2 && digits >= 1)
            || (is_name && letters + 1 + digits == value.len()))
}

/// Words joined as people join them for a password, none of which options are set to: `SoleilBleu44`, `Zebra-19-Kaffee`,
/// `Lucity!`.
fn is_joined(value: &str) -> bool {
    let is_word = |word: &str| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_lower = |word: &str| word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    let is_number = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
    let stem = value.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = value.len() - stem.len();
    let is_year =
        digits == 4 && (value[stem.len()..].starts_with("19") || value[stem.len()..].starts_with("20"));
    let is_camel =
        is_word(stem) && stem.len() >= 8 && stem.bytes().skip(1).any(|byte| byte.is_ascii_lowercase());
    let is_around = |separator: char| {
        let parts: Vec<&str> = value.split(separator).collect();
        matches!(parts[..], [one, number, two] if is_word(one) && is_word(two) && is_lower(one) && is_lower(two)
            && (1..=4).contains(&number.len()) && is_number(number))
    };
    (is_camel && (2..=4).contains(&digits) && !is_year)
        || is_around('-')
        || is_around('_')
        || value.strip_suffix('!').is_some_and(|word| is_word(word) && is_lower(word))
}

/// A digit for a letter inside of a word, as in `Acc3ss`; `2` and `4` are words of their own in `Print2Fit` and `Time4You`.
fn is_respelt(value: &str) -> bool {
    let is_within = |three: &[u8]| {
        b"01357".contains(&three[1])
            && three[0].is_ascii_alphabetic()
            && three[2].is_ascii_alphabetic()
            && (three[0].is_ascii_lowercase() || three[2].is_ascii_lowercase())
    };
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_!".contains(&byte));
    value.len() >= 6 && is_plain && value.as_bytes().windows(3).any(is_within)
}

/// Four to seven small words that make no sentence, one separator between them: `correct-horse-battery-staple`.
fn is_phrase(value: &str) -> bool {
    let Some(separator) = value.chars().find(|sign| !sign.is_ascii_lowercase()) else { return false };
    if !"- .+".contains(separator) {
        return false;
    }
    let words: Vec<&str> = value.split(separator).collect();
    (4..=7).contains(&words.len())
        && words.iter().all(|word| {
            (3..=9).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_lowercase())
                && !holds(harmless::WORDS, word)
        })
}
