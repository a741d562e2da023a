//! Street addresses as they are written in English, German, French, Spanish, Portuguese and Dutch, anywhere in a text: a house
//! number beside the words for a street; and post-office boxes.
//!
//! `2 Lane Road`, `4 Way Stop` and `Gehweg 3` have that form too, and are how roads are described.

use super::fold::to_ascii;

/// English words that end a street's name.
const STREETS: [&str; 37] = [
    "street",
    "st",
    "avenue",
    "ave",
    "av",
    "road",
    "rd",
    "boulevard",
    "blvd",
    "drive",
    "dr",
    "lane",
    "ln",
    "way",
    "court",
    "ct",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "terrace",
    "ter",
    "place",
    "pl",
    "plaza",
    "square",
    "sq",
    "circle",
    "cir",
    "trail",
    "trl",
    "crescent",
    "cres",
    "close",
    "alley",
    "loop",
    "row",
];

/// What is counted or measured, and starts no street's name.
const MEASURES: [&str; 36] = [
    "lane", "lanes", "way", "inch", "foot", "feet", "ft", "day", "days", "year", "years", "hour", "hours",
    "minute", "minutes", "second", "seconds", "month", "months", "week", "weeks", "phase", "ton", "wire",
    "speed", "wheel", "door", "point", "person", "car", "track", "level", "story", "axle", "percent",
    "meter",
];

/// French words that stand between the number and the street's name.
const FRENCH: [&str; 12] = [
    "rue",
    "avenue",
    "av",
    "boulevard",
    "bd",
    "chemin",
    "allee",
    "impasse",
    "quai",
    "place",
    "route",
    "square",
];

/// German and Dutch ends of a street's name; the number follows.
const ENDINGS: [&str; 15] = [
    "strasse", "str", "gasse", "allee", "chaussee", "weg", "platz", "damm", "ufer", "straat", "laan",
    "plein", "gracht", "kade", "singel",
];

/// Words with such an end that say what kind of way or place it is.
const KINDS: [&str; 17] = [
    "gehweg",
    "radweg",
    "fussweg",
    "feldweg",
    "waldweg",
    "fahrweg",
    "umweg",
    "rettungsweg",
    "wirtschaftsweg",
    "parkplatz",
    "spielplatz",
    "sportplatz",
    "arbeitsplatz",
    "lagerplatz",
    "stellplatz",
    "speicherplatz",
    "steckplatz",
];

/// Spanish and Portuguese words that open a street's name; the number follows the name.
const OPENINGS: [&str; 18] = [
    "calle",
    "c/",
    "avenida",
    "av",
    "avda",
    "plaza",
    "paseo",
    "carretera",
    "camino",
    "ronda",
    "travesia",
    "rua",
    "travessa",
    "praca",
    "estrada",
    "alameda",
    "rodovia",
    "corso",
];

/// The longest name of a street, in words.
const LONGEST_NAME: usize = 5;

/// Whether a street address or a post-office box stands in the text.
pub(super) fn seen(text: &str) -> bool {
    let folded = to_ascii(text);
    let words: Vec<&str> = folded
        .split(|sign: char| sign.is_whitespace() || ",;".contains(sign))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().enumerate().any(|(at, word)| {
        let (before, after) = (&words[at.saturating_sub(LONGEST_NAME + 1)..at], &words[at + 1..]);
        is_house_number(word)
            && (is_english(word, after) || is_french(after) || follows_a_street(before) || is_box(before))
    }) || has_state_and_code(&folded)
}

/// `120`, `12a`, `12-14`, `12/3`.
fn is_house_number(word: &str) -> bool {
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    word.len() <= 7
        && word.starts_with(|first: char| first.is_ascii_digit())
        && letters <= 1
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/".contains(&byte))
        && word.bytes().take_while(u8::is_ascii_digit).count() <= 5
}

fn is(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_capital(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase())
}

/// `120 Main Street`, `4512 W 6th St`: a name of capitalised words or ordinals, then a word for a street.
fn is_english(number: &str, after: &[&str]) -> bool {
    let is_name = |word: &str| is_capital(word) || is_ordinal(word);
    let Some(first) = after.first().filter(|first| is_name(first) && !is(&MEASURES, first)) else {
        return false;
    };
    let name = after.iter().take(LONGEST_NAME).take_while(|word| is_name(word));
    // One digit counts things more often than it numbers a house.
    let is_long = number.len() >= 2 || first.len() >= 4;
    is_long && name.skip(1).any(|word| is(&STREETS, word))
}

/// `6th`, `42nd`.
fn is_ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|ending| {
        word.strip_suffix(ending)
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// `12 bis rue de la République`.
fn is_french(after: &[&str]) -> bool {
    let after = match after {
        [addition, rest @ ..] if is(&["bis", "ter", "quater"], addition) => rest,
        all => all,
    };
    after.split_first().is_some_and(|(kind, name)| {
        is(&FRENCH, kind) && !is_capital(kind) && name.iter().take(LONGEST_NAME).any(|word| is_capital(word))
    })
}

/// `Hauptstraße`, `Lange Straße`, `Kerkstraat`, `Calle Mayor`, `Rua das Flores`, right before the number.
fn follows_a_street(before: &[&str]) -> bool {
    let Some((last, rest)) = before.split_last() else { return false };
    let lower = last.to_ascii_lowercase();
    let is_stem =
        |stem: &str| stem.len() >= 3 || (stem.is_empty() && rest.last().is_some_and(|word| is_capital(word)));
    let ends = is_capital(last)
        && !is(&KINDS, &lower)
        && ENDINGS.iter().any(|ending| lower.strip_suffix(ending).is_some_and(is_stem));
    let opens = || {
        let opening = before.iter().rposition(|word| is(&OPENINGS, word) || word.starts_with("C/"));
        opening.is_some_and(|at| before[at] != *last && before[at + 1..].iter().any(|word| is_capital(word)))
    };
    ends || opens()
}

/// `P.O. Box`, `Postfach`, `Boîte postale`, `Apartado`, `Caixa postal`, `Postbus`, right before the number.
fn is_box(before: &[&str]) -> bool {
    match before {
        [.., last] if is(&["postfach", "postbus", "apartado", "casilla"], last) => true,
        [.., first, last] => {
            const PAIRS: [(&str, &str); 6] = [
                ("po", "box"),
                ("p.o", "box"),
                ("boite", "postale"),
                ("apartado", "postal"),
                ("de", "correos"),
                ("caixa", "postal"),
            ];
            PAIRS.iter().any(|(one, two)| one.eq_ignore_ascii_case(first) && two.eq_ignore_ascii_case(last))
        }
        _ => false,
    }
}

/// The text ends with `, KS 66049`.
fn has_state_and_code(text: &str) -> bool {
    text.rsplit_once(',').is_some_and(|(_, end)| {
        let mut words = end.split_whitespace();
        let is_state = |state: &str| state.len() == 2 && state.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_code = |code: &str| {
            matches!(code.len(), 5 | 10) && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        };
        words.next().is_some_and(is_state) && words.next().is_some_and(is_code) && words.next().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn addresses_are_seen_in_six_languages() {
        for text in [
            "120 Main Street",
            "4512 W 6th St, Lawrence, KS 66049",
            "Deliver to 12 Oak Ave.",
            "Hauptstraße 12, 90402 Nürnberg",
            "Lange Str. 5a",
            "12 bis rue de la République",
            "Calle Mayor, 5",
            "Av. de la Constitución 14",
            "C/ Mayor 5",
            "Rua das Flores 22",
            "Kerkstraat 8",
            "P.O. Box 120",
            "Postfach 12 34",
            "Springfield, IL 62701",
        ] {
            assert!(seen(text), "{text}");
        }
    }

    #[test]
    fn descriptions_of_roads_are_not_addresses() {
        for text in [
            "2 Lane Road",
            "4 Way Stop",
            "Gehweg 3",
            "Zone 12 Street Lighting",
            "3 Streets",
            "100 Foot Drive",
            "Route 66",
            "Street Sweeping 2",
            "12 in.",
            "Straße 1",
            "1 route nationale",
            "Level 3 Closed",
            "Weg 2",
        ] {
            assert!(!seen(text), "{text}");
        }
    }
}
