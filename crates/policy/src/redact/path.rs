//! Paths of files and shares: UNC, Windows drives, POSIX from the root, and relative ones with backslashes.
//!
//! Relative paths with slashes are left alone: `Europe/London`, `text/html` and `and/or` look the same.

use super::harmless;
use super::hints::PATH;
use super::scan::{Sight, is_word, mark, starts_at};

/// Whether the value holds a path.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if sight.hints.promise(PATH)
        && (sight.could_be_a_name() || sight.has(mark::SLASH | mark::BACKSLASH))
        && !is_ordinary_file(sight)
    {
        return true;
    }
    absolute(sight) || (sight.has(mark::BACKSLASH) && segments(sight.value))
}

/// `WorkOrderSummary.rpt`: a file of no folder, named with the words of options.
fn is_ordinary_file(sight: &Sight<'_>) -> bool {
    !sight.has(mark::SLASH | mark::BACKSLASH)
        && sight.value.rsplit_once('.').is_some_and(|(name, ending)| {
            (2..=5).contains(&ending.len()) && !name.contains('.') && harmless::is_known(name)
        })
}

/// Whether the text holds a path from a root: of a share, a drive, a file system or a user's folder.
pub(super) fn absolute(sight: &Sight<'_>) -> bool {
    let bytes = sight.value.as_bytes();
    (sight.has(mark::BACKSLASH) && unc(bytes))
        || (sight.has(mark::COLON) && drive(bytes))
        || (sight.has(mark::SLASH) && (posix(bytes) || variable(bytes)))
        || (sight.has(mark::BACKSLASH) && variable(bytes))
}

/// `\\server\share`, wherever it stands.
fn unc(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|three| {
        three[0] == b'\\' && three[1] == b'\\' && (is_word(three[2]) || b"?.$%{_-".contains(&three[2]))
    })
}

/// `Reports\Custom`: names on both sides of a backslash, not the parts of a date pattern and not a lone escape.
fn segments(text: &str) -> bool {
    // A mask such as `000\-00` escapes its signs.
    if !text.bytes().any(|byte| byte.is_ascii_alphabetic() || byte >= 0x80) {
        return false;
    }
    let bytes = text.as_bytes();
    let is_name = |byte: u8| is_word(byte) || b"_-$ .()%".contains(&byte);
    text.match_indices('\\').any(|(place, _)| {
        let before = bytes[..place].iter().rev().take_while(|byte| is_name(**byte));
        let after = bytes[place + 1..].iter().take_while(|byte| is_name(**byte));
        let words = |run: &[u8]| run.iter().filter(|byte| is_word(**byte)).count() >= 2 && !is_date_part(run);
        let before: Vec<u8> = before.copied().take(64).collect();
        let after: Vec<u8> = after.copied().take(64).collect();
        words(&before) && words(&after)
    })
}

fn is_date_part(run: &[u8]) -> bool {
    run.iter().all(|byte| b"dmyhsDMYHS ".contains(byte))
}

/// `C:\`, `d:/data`, or a drive and nothing else.
fn drive(bytes: &[u8]) -> bool {
    bytes.windows(2).enumerate().any(|(place, two)| {
        let is_drive = two[0].is_ascii_alphabetic() && two[1] == b':' && starts_at(bytes, place);
        is_drive && bytes.get(place + 2).map_or(place == 0, |after| b"\\/".contains(after))
    })
}

/// `/opt/lucity`, `//server/share`, `~/x`, `~jane/x`: a slash at the start of a word, and a name of two characters or more after it.
fn posix(bytes: &[u8]) -> bool {
    let home = bytes.first() == Some(&b'~') && bytes.get(1).is_some_and(u8::is_ascii_alphabetic);
    home || bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').any(|(place, _)| {
        let start = match place.checked_sub(1).map(|before| bytes[before]) {
            Some(b'~' | b'/') => place - 1,
            _ => place,
        };
        let name = |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte) || b"._-~$%{".contains(byte));
        let after = place + 1;
        starts_at(bytes, start)
            && name(bytes.get(after))
            && (name(bytes.get(after + 1)) || bytes.get(after + 1) == Some(&b'/') || start < place)
    })
}

/// `%APPDATA%\Lucity`, `$HOME/data`.
fn variable(bytes: &[u8]) -> bool {
    let dollar = bytes.windows(2).enumerate().any(|(place, two)| {
        two[0] == b'$' && (two[1].is_ascii_alphabetic() || two[1] == b'{') && starts_at(bytes, place)
    });
    let percent = bytes.windows(2).any(|two| two[0] == b'%' && b"\\/".contains(&two[1]))
        && bytes.iter().filter(|byte| **byte == b'%').count() >= 2;
    dollar || percent
}
