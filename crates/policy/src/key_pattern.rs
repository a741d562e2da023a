//! Patterns over table names and setting names: `*` stands for any run of characters, letters match in either case.

use std::fmt;

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

    /// Whether the pattern covers a name. Time: pattern length times name length at the most.
    pub fn matches(&self, name: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().flat_map(char::to_lowercase).collect();
        let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut in_name) = (0, 0);
        // Where to go on when a later character does not fit: after the last star, one name character further.
        let mut retry: Option<(usize, usize)> = None;
        while in_name < name.len() {
            if pattern.get(at) == Some(&'*') {
                retry = Some((at + 1, in_name));
                at += 1;
            } else if pattern.get(at) == Some(&name[in_name]) {
                at += 1;
                in_name += 1;
            } else if let Some((after_star, taken)) = retry {
                at = after_star;
                in_name = taken + 1;
                retry = Some((after_star, taken + 1));
            } else {
                return false;
            }
        }
        pattern[at..].iter().all(|rest| *rest == '*')
    }
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
        assert!(!matches("*OPTIONS", "WKOPTIONS_OLD"));
        assert!(!matches("USER_INFO", "USER_INFO2"));
    }
}
