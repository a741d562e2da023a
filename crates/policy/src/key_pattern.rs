//! Patterns over table names and setting names: `*` stands for any run of characters, letters match in either case.

use std::fmt;
use std::str::Chars;

/// A pattern such as `*OPTIONS` or `SYSTEMSETTINGS.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern(String);

impl KeyPattern {
    /// The pattern with this text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The pattern's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole name, where the pattern has no `*`.
    pub fn literal(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(self.0.as_str())
    }

    /// Whether the pattern covers a name. Allocates nothing; time: pattern length times name length at the most.
    pub fn matches(&self, name: &str) -> bool {
        if self.0 == "*" {
            return true;
        }
        if !self.0.contains('*') {
            return is_same(&self.0, name);
        }
        let (mut pattern, mut rest) = (self.0.chars(), name.chars());
        // Where to go on when a later character does not fit: after the last star, one name character further.
        let mut retry: Option<(Chars<'_>, Chars<'_>)> = None;
        loop {
            let (mut next_pattern, mut next_rest) = (pattern.clone(), rest.clone());
            match (next_pattern.next(), next_rest.next()) {
                (Some('*'), _) => {
                    retry = Some((next_pattern.clone(), rest.clone()));
                    pattern = next_pattern;
                }
                (Some(wanted), Some(letter)) if same_letter(wanted, letter) => {
                    (pattern, rest) = (next_pattern, next_rest);
                }
                (None, None) => return true,
                (_, None) => return false,
                (_, Some(_)) => {
                    let Some((after_star, taken)) = &mut retry else { return false };
                    taken.next();
                    (pattern, rest) = (after_star.clone(), taken.clone());
                }
            }
        }
    }
}

/// The same letters, in either case.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!left.is_ascii()
            && left.chars().flat_map(char::to_lowercase).eq(right.chars().flat_map(char::to_lowercase)))
}

fn same_letter(left: char, right: char) -> bool {
    left.eq_ignore_ascii_case(&right) || (!left.is_ascii() && left.to_lowercase().eq(right.to_lowercase()))
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_covers_any_run_and_case_does_not_matter() {
        let matches = |pattern: &str, name: &str| KeyPattern::new(pattern).matches(name);
        assert!(matches("*OPTIONS", "WKOPTIONS"));
        assert!(matches("*OPTIONS", "options"));
        assert!(matches("*OPTIONS.*", "SWOptions.AllowEdit"));
        assert!(matches("a*b*c", "aXbYbZc"));
        assert!(matches("*", ""));
        assert!(matches("**x*", "abcx"));
        assert!(matches("straße*", "STRAßE 7"));
        assert!(matches("Öl", "öl"));
        assert!(!matches("*a", ""));
        assert!(!matches("", "a"));
        assert!(!matches("a*a", "a"));
        assert!(!matches("*OPTIONS", "WKOPTIONS_OLD"));
        assert!(!matches("USER_INFO", "USER_INFO2"));
        assert!(matches("*Ä*", "grünäugig"));
        assert!(!matches("Ä", "A"));
    }
}
