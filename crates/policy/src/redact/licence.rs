//! Licence and product keys: groups of letters and digits, and long runs of them in which no word can be read.

use super::scan::runs;

/// Separators between the groups of a key.
const SEPARATORS: [char; 5] = ['-', ' ', '.', '_', ':'];

/// Whether a key stands in the text.
pub(super) fn seen(text: &str) -> bool {
    runs(text, in_key).any(|run| is_grouped(run) || is_code(run) || is_named(run))
        || is_numbered(text)
        || SEPARATORS.iter().any(|separator| is_even(text, *separator))
}

fn in_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// `AB12E-12345-FG4IJ-67890`, a UUID: groups of four to twelve capitals, digits or hexadecimal digits (the first may be a
/// shorter word), either four groups with digits among them or three in two of which letters and digits are mixed.
fn is_grouped(run: &str) -> bool {
    let is_group = |(place, group): (usize, &str)| {
        (if place == 0 { 2..=12 } else { 4..=12 }).contains(&group.len())
            && (group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                || group.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let groups = run.split('-').count();
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let mixed = run.split('-').filter(|group| is_mixed(group)).count();
    (3..=12).contains(&groups)
        && run.split('-').enumerate().all(is_group)
        && ((groups >= 4 && digits >= 3) || mixed >= 2)
        || is_edition(run)
}

/// `ACME2015-ENT-0042-9F3A`: four groups or more of capitals and digits, mixed in one.
fn is_edition(run: &str) -> bool {
    let groups = || run.split('-');
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    (4..=12).contains(&groups().count())
        && groups().enumerate().all(|(place, group)| {
            // The last one may be a short rest or a check.
            (if place >= 4 { 2..=12 } else { 3..=12 }).contains(&group.len())
                && group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
        && groups().any(is_mixed)
        && digits >= 4
}

fn is_mixed(group: &str) -> bool {
    group.bytes().any(|byte| byte.is_ascii_digit()) && group.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The whole text is groups of one length, in one case: three or more with letters and digits mixed, four or more with digits
/// or without words, three or more of four digits that are not years.
fn is_even(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let Some(first) = groups.next().filter(|first| (3..=8).contains(&first.len())) else { return false };
    if groups.clone().any(|group| group.len() != first.len()) {
        return false;
    }
    let count = groups.count() + 1;
    let signs = || text.split(separator).flat_map(str::bytes);
    let (upper, lower) =
        (signs().any(|byte| byte.is_ascii_uppercase()), signs().any(|byte| byte.is_ascii_lowercase()));
    let is_pair = count == 2 && first.len() >= 5 && !lower;
    if (count < 3 && !is_pair) || (upper && lower) || !signs().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let digits = signs().filter(u8::is_ascii_digit).count();
    let letters = signs().count() - digits;
    let mixed = text.split(separator).filter(|group| is_mixed(group)).count();
    let unreadable = text.split(separator).filter(|group| is_unreadable(group)).count();
    let years = text.split(separator).all(|group| group.starts_with("19") || group.starts_with("20"));
    let is_long = first.len() >= 4;
    if letters == 0 {
        return is_long && !years && separator != '.' && separator != ':';
    }
    (mixed >= 2 && digits >= 2 && (count >= 3 || is_pair) && (is_long || count >= 4))
        || (count >= 4 && is_long && upper && (digits >= 3 || unreadable * 2 >= count || count >= 5))
}

/// `KEY-99182-XYZ`, `LIC-2015-0042`: a word for a key, then its characters.
fn is_named(run: &str) -> bool {
    const NAMES: [&str; 6] = ["KEY", "LIC", "LICENSE", "LICENCE", "SERIAL", "SN"];
    run.split_once('-').is_some_and(|(name, rest)| {
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) && digits >= 3
    })
}

/// The whole text is nine digits or more in three groups or more with dashes between: no date has as many. A mask repeats one
/// digit.
fn is_numbered(text: &str) -> bool {
    let digits = || text.bytes().filter(u8::is_ascii_digit);
    let groups = text.split('-');
    let years =
        groups.clone().all(|group| group.len() == 4 && (group.starts_with("19") || group.starts_with("20")));
    groups.clone().count() >= 3
        && groups.clone().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
        && digits().count() >= 9
        && digits().any(|digit| Some(digit) != digits().next())
        && !years
}

/// Three consonants in a row, or no vowel at all.
fn is_unreadable(group: &str) -> bool {
    let is_vowel = |byte: &u8| b"AEIOUYaeiouy".contains(byte);
    !group.bytes().any(|byte| is_vowel(&byte))
        || group.as_bytes().windows(3).any(|three| !three.iter().any(is_vowel))
}

/// Capitals and digits through one another, in one piece: twelve or more with four turns, or sixteen with four of each.
fn is_code(run: &str) -> bool {
    let bytes = run.as_bytes();
    if bytes.len() < 12 || !bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return false;
    }
    let turns = bytes.windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit()).count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = run.trim_end_matches(|last: char| last.is_ascii_digit());
    let number = &run[letters.len()..];
    let is_moment = matches!(number.len(), 12 | 14) && (number.starts_with("19") || number.starts_with("20"));
    // `ESU123456789`: a product's letters and a number longer than any count.
    let is_numbered = (2..=5).contains(&letters.len()) && digits == number.len() && digits >= 9 && !is_moment;
    turns >= 4 || is_numbered || (bytes.len() >= 16 && digits >= 4 && bytes.len() - digits >= 4 && turns >= 3)
}
