//! The environment's variables, as a value: read once at the edge, passed in, and never asked for again.

use std::collections::BTreeMap;

/// The variable that any program honours (consoledonottrack.com).
pub const DO_NOT_TRACK: &str = "DO_NOT_TRACK";
/// Our own variable; it can only narrow: `granted` has no effect.
pub const CANDOR_CONSENT: &str = "CANDOR_CONSENT";
/// Names a further settings file.
pub const CANDOR_SETTINGS: &str = "CANDOR_SETTINGS";

/// Environment variables by name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// These variables and no others.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// A variable that is set to something.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of these variables that is set to something.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The variable that refuses collection, where one does. A word that we do not know refuses: it can only have been
    /// meant to.
    pub fn refusal(&self) -> Option<&'static str> {
        let on = |value: &str| !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "false");
        if self.get(DO_NOT_TRACK).is_some_and(on) {
            return Some(DO_NOT_TRACK);
        }
        let granted = |value: &str| matches!(value.trim().to_ascii_lowercase().as_str(), "" | "granted");
        self.get(CANDOR_CONSENT).is_some_and(|value| !granted(value)).then_some(CANDOR_CONSENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_can_refuse_and_never_grant() {
        let refusal = |name, value| Environment::of([(name, value)]).refusal();
        assert_eq!(refusal(DO_NOT_TRACK, "1"), Some(DO_NOT_TRACK));
        assert_eq!(refusal(DO_NOT_TRACK, "true"), Some(DO_NOT_TRACK));
        assert_eq!(refusal(DO_NOT_TRACK, "0"), None);
        assert_eq!(refusal(CANDOR_CONSENT, "denied"), Some(CANDOR_CONSENT));
        assert_eq!(refusal(CANDOR_CONSENT, "nope"), Some(CANDOR_CONSENT));
        assert_eq!(refusal(CANDOR_CONSENT, "granted"), None);
        assert_eq!(refusal("OTHER", "1"), None);
    }
}
