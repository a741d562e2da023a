//! Telephone numbers: international ones (ITU-T E.164), those in the usual national groupings, and any run of digits where
//! the key speaks of a telephone.

use super::hints::{PHONE, PHONE_EXTENSION};
use super::scan::{Sight, mark, starts_with};

/// Whether the value holds a telephone number.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if !sight.has(mark::DIGIT) || is_mask(sight.value) {
        return false;
    }
    if (sight.hints.promise(PHONE) && digits(sight.value) >= 5)
        || (sight.hints.say(PHONE_EXTENSION) && digits(sight.value) >= 2)
    {
        return true;
    }
    if ["tel", "fax", "phone", "mob", "fon"].iter().any(|name| starts_with(sight.value, name))
        && digits(sight.value) >= 6
    {
        return true;
    }
    sight.value.len() >= 9 && candidates(sight.value).any(is_number)
}

/// Whether a plain number under this key is a telephone number.
pub(super) fn is_plain(sight: &Sight<'_>, number: i64) -> bool {
    (sight.hints.promise(PHONE) && number >= 10_000) || (sight.hints.say(PHONE_EXTENSION) && number >= 10)
}

/// `(999) 999-9999`: one digit stands for all.
fn is_mask(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let first = digits.next();
    matches!(first, Some(b'0' | b'9')) && digits.all(|digit| Some(digit) == first)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Runs of digits and of what stands between them in telephone numbers, without what stands around them.
fn candidates(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_digit() || " +()-./\u{a0}\u{2011}".contains(letter)))
        .map(|run| run.trim_matches(|edge: char| !edge.is_ascii_digit() && !"+(".contains(edge)))
        .filter(|run| (7..=16).contains(&digits(run)) && run.len() <= 32)
}

fn is_number(run: &str) -> bool {
    let international = run.strip_prefix('+').or_else(|| run.strip_prefix("00"));
    if let Some(rest) = international {
        let rest = rest.trim_start_matches(['(', ' ']);
        return !rest.starts_with('0') && (8..=15).contains(&digits(rest)) && !is_number_with_sign(run);
    }
    is_north_american(run) || is_national(run) || is_spanish(run) || is_bracketed(run) || is_in_groups(run)
}

/// `(11) 95555-0120`, `(495) 123-45-67`: an area's code in brackets.
fn is_bracketed(run: &str) -> bool {
    run.strip_prefix('(').and_then(|run| run.split_once(')')).is_some_and(|(area, rest)| {
        (2..=4).contains(&digits(area)) && area.len() == digits(area) && (6..=9).contains(&digits(rest))
    })
}

/// `11 95555-0120`, `8 495 123-45-67`: groups of Brazil and Russia.
fn is_in_groups(run: &str) -> bool {
    let lengths: Vec<usize> =
        run.split([' ', '-', '(', ')']).map(str::len).filter(|length| *length > 0).collect();
    lengths == [2, 5, 4] || (lengths == [1, 3, 3, 2, 2] && run.starts_with(['7', '8']))
}

/// `91 123 45 67`, `912 34 56 78`: no number's thousands are grouped so.
fn is_spanish(run: &str) -> bool {
    let lengths: Vec<usize> = run.split(' ').map(str::len).collect();
    (lengths == [2, 3, 2, 2] || lengths == [3, 2, 2, 2]) && run.starts_with(['6', '7', '8', '9'])
}

/// `+1.5` and `0012345.678` are numbers.
fn is_number_with_sign(run: &str) -> bool {
    let has_one_group = run.bytes().filter(|byte| !byte.is_ascii_digit()).count() <= 1;
    (run.starts_with("00") && has_one_group) || run.parse::<f64>().is_ok_and(|_| run.contains('.'))
}

/// `(555) 010-1234`, `555-010-1234`, `555.010.1234`, `1-800-555-0199`.
fn is_north_american(run: &str) -> bool {
    let run = run.strip_prefix("1-").or_else(|| run.strip_prefix("1 ")).unwrap_or(run);
    let lengths: Vec<usize> = run
        .split(|letter: char| !letter.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect();
    let separators = run.bytes().filter(|byte| b"-().".contains(byte)).count();
    let starts = run.trim_start_matches('(').starts_with(|first: char| ('2'..='9').contains(&first));
    // Spaces alone also part numbers of a list; an exchange starts as an area does.
    let in_exchange =
        run.split(' ').nth(1).is_some_and(|exchange| exchange.starts_with(|first: char| first >= '2'));
    lengths == [3, 3, 4] && (separators >= 1 || in_exchange) && starts
}

/// `030 1234567`, `0151/12345678`, `01 23 45 67 89`, `(0)30-123456`, `0664 1234567`: a zero, then groups that no date and
/// no version has; or eleven digits from a zero in one piece.
fn is_national(run: &str) -> bool {
    let bare = run.trim_start_matches('(');
    if !bare.starts_with('0') || bare.starts_with("00") {
        return false;
    }
    let groups: Vec<&str> =
        bare.split(|letter: char| !letter.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let count = digits(bare);
    let is_year = |group: &str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    let is_short = |group: &&str| group.len() <= 2 || group.len() == 4;
    // A time may follow a date: `04.03.2021 02`.
    let is_date = (groups.len() == 3 && groups.iter().all(is_short) && count <= 8)
        || matches!(groups[..], [day, month, year, ..] if day.len() == 2 && month.len() == 2 && is_year(year));
    let dots = bare.bytes().filter(|byte| *byte == b'.').count();
    match groups.len() {
        1 => (10..=11).contains(&count) && !repeats(bare),
        2 => (8..=13).contains(&count) && dots == 0,
        _ => (9..=13).contains(&count) && !is_date,
    }
}

fn repeats(digits: &str) -> bool {
    let first = digits.as_bytes().get(1);
    digits.as_bytes().iter().skip(1).all(|digit| Some(digit) == first)
}
