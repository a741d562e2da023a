//! The order of versions where no policy lists them: operating systems, databases.
//!
//! A version is a family's name and what is counted within it: "Windows Server" and "2012 R2". Versions of different
//! families are not comparable, and nothing here pretends that they are.

use std::cmp::Ordering;

/// What is compared, piece by piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// Letters, lower case; sorts before numbers, so that "10-rc" < "10.1".
    Word(String),
    /// Digits.
    Number(u64),
}

/// The family that a version belongs to: everything before its first number.
pub fn family(version: &str) -> &str {
    let end = version.find(|letter: char| letter.is_ascii_digit()).unwrap_or(version.len());
    version[..end]
        .trim_end_matches(|letter: char| letter.is_whitespace() || letter == '-' || letter == '/')
        .trim()
}

/// The family and its leading number, with what makes that another release: "PostgreSQL 15.4" is of the line "PostgreSQL 15",
/// "SQL Server 2008 R2 SP1" of "SQL Server 2008 R2", and "Oracle 11g" of itself. So no two lines share an installation.
pub fn line(version: &str) -> String {
    let Some(start) = version.find(|letter: char| letter.is_ascii_digit()) else {
        return version.trim().to_owned();
    };
    let digits =
        version[start..].find(|letter: char| !letter.is_ascii_digit()).map_or(version.len(), |n| start + n);
    let letters = release_letters(&version[digits..]);
    let revision = revision(&version[digits + letters..]);
    version[..digits + letters + revision].trim().to_owned()
}

/// The bytes of letters that belong to a number: "c" of "12c", "ai" of "23ai", but nothing of "17rc1".
fn release_letters(rest: &str) -> usize {
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let ends = !rest[letters..].starts_with(|next: char| next.is_alphanumeric());
    if letters <= 2 && ends { letters } else { 0 }
}

/// The bytes of a release's own revision: " R2", "r2".
fn revision(rest: &str) -> usize {
    let word = rest.trim_start_matches([' ', '-']);
    let Some(number) = word.strip_prefix(['R', 'r']) else { return 0 };
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !number[digits..].starts_with(char::is_alphanumeric);
    if digits > 0 && ends { rest.len() - word.len() + 1 + digits } else { 0 }
}

/// Which of two versions is older; `None` where they are of different families.
pub fn compare(one: &str, other: &str) -> Option<Ordering> {
    family(one).eq_ignore_ascii_case(family(other)).then(|| pieces(one).cmp(&pieces(other)))
}

/// An order over all versions, for lists: by family, then by age.
pub fn for_lists(one: &str, other: &str) -> Ordering {
    let families = family(one).to_lowercase().cmp(&family(other).to_lowercase());
    families.then_with(|| pieces(one).cmp(&pieces(other))).then_with(|| one.cmp(other))
}

/// Words and numbers; what stands in brackets is a remark ("Debian GNU/Linux 12 (bookworm)").
fn pieces(version: &str) -> Vec<Piece> {
    let counted = version[family(version).len()..].split('(').next().unwrap_or_default();
    let mut pieces = Vec::new();
    let mut rest = counted;
    while let Some(first) = rest.chars().next() {
        let same = |letter: char| {
            if first.is_ascii_digit() { letter.is_ascii_digit() } else { letter.is_alphabetic() }
        };
        if !first.is_ascii_digit() && !first.is_alphabetic() {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(|letter: char| !same(letter)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(match piece.parse() {
            Ok(number) => Piece::Number(number),
            Err(_) => Piece::Word(piece.to_lowercase()),
        });
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn older(one: &str, other: &str) {
        assert_eq!(compare(one, other), Some(Ordering::Less), "{one} < {other}");
        assert_eq!(compare(other, one), Some(Ordering::Greater), "{other} > {one}");
    }

    #[test]
    fn versions_of_one_family_are_ordered_by_their_numbers() {
        older("Windows Server 2008 R2", "Windows Server 2012");
        older("Windows Server 2012", "Windows Server 2012 R2");
        older("PostgreSQL 9.6", "PostgreSQL 10.2");
        older("PostgreSQL 15.4", "PostgreSQL 15.18");
        older("10.0.17763", "10.0.20348");
        older("Debian GNU/Linux 11 (bullseye)", "Debian GNU/Linux 12 (bookworm)");
        older("Ubuntu 20.04.6 LTS", "Ubuntu 22.04.1 LTS");
    }

    #[test]
    fn a_remark_and_the_case_of_letters_do_not_count() {
        assert_eq!(compare("debian 12 (bookworm)", "Debian 12"), Some(Ordering::Equal));
    }

    #[test]
    fn versions_of_different_families_are_not_comparable() {
        assert_eq!(compare("Windows Server 2012", "Debian GNU/Linux 12"), None);
        assert_eq!(compare("PostgreSQL 15", "SQLite 3.45"), None);
        assert_eq!(compare("Windows 10", "Windows Server 2012"), None);
    }

    #[test]
    fn a_line_is_the_family_and_its_leading_number() {
        assert_eq!(line("PostgreSQL 15.4"), "PostgreSQL 15");
        assert_eq!(line("SQL Server 12.0.5000"), "SQL Server 12");
        assert_eq!(line("Access"), "Access");
        assert_eq!(line("SQL Server 2008"), "SQL Server 2008");
        assert_eq!(line("SQL Server 2008 R2"), "SQL Server 2008 R2");
        assert_eq!(line("SQL Server 2008 R2 SP1"), "SQL Server 2008 R2");
        assert_eq!(line("SQL Server 2016 SP2"), "SQL Server 2016");
        assert_eq!(line("Windows Server 2012 R2 Standard"), "Windows Server 2012 R2");
        assert_eq!(line("2014r2 SP1"), "2014r2");
        assert_eq!(
            (line("Oracle 11g"), line("Oracle 12c R2")),
            ("Oracle 11g".into(), "Oracle 12c R2".into())
        );
        assert_eq!((line("PostgreSQL 17rc1"), line("7é8")), ("PostgreSQL 17".into(), "7".into()));
    }

    #[test]
    fn odd_text_is_ordered_and_never_panics() {
        for odd in ["", "é", "7é8", "99999999999999999999999", "((", "1.é.2 (ü"] {
            assert_eq!(compare(odd, odd), Some(Ordering::Equal), "{odd}");
            let _ = (line(odd), for_lists(odd, "1"));
        }
    }
}
