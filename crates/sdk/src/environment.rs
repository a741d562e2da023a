//! The environment's variables, as a value: read once at the edge, passed in, and never asked for again.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variable that any program honours (consoledonottrack.com).
pub const DO_NOT_TRACK: &str = "DO_NOT_TRACK";
/// Our own variable; it can only narrow: `granted` has no effect.
pub const CANDOR_CONSENT: &str = "CANDOR_CONSENT";
/// Names a further settings file.
pub const CANDOR_SETTINGS: &str = "CANDOR_SETTINGS";

/// Environment variables by name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        // No name that candor asks for is anything but ASCII; a value may be a path, which is any bytes.
        Self(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect(),
        )
    }

    /// These variables and no others.
    pub fn of<'a, V: AsRef<OsStr> + 'a>(variables: impl IntoIterator<Item = (&'a str, V)>) -> Self {
        let owned = |(name, value): (&str, V)| (name.to_owned(), value.as_ref().to_owned());
        Self(variables.into_iter().map(owned).collect())
    }

    fn value(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable that is set to some text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.value(name)?.to_str()
    }

    /// A variable that is set to a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.value(name).map(PathBuf::from)
    }

    /// The first of these variables that is set to something.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The variable that refuses collection, where one does. A word that we do not know refuses: it can only have been
    /// meant to.
    pub fn refusal(&self) -> Option<&'static str> {
        let says = |name: &str, harmless: &[&str]| {
            let word = self.value(name).map(|value| value.to_string_lossy().trim().to_ascii_lowercase());
            word.is_none_or(|word| word.is_empty() || harmless.contains(&word.as_str()))
        };
        if !says(DO_NOT_TRACK, &["0", "false"]) {
            return Some(DO_NOT_TRACK);
        }
        (!says(CANDOR_CONSENT, &["granted"])).then_some(CANDOR_CONSENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_can_refuse_and_never_grant() {
        let refusal = |name, value: &str| Environment::of([(name, value)]).refusal();
        assert_eq!(refusal(DO_NOT_TRACK, "1"), Some(DO_NOT_TRACK));
        assert_eq!(refusal(DO_NOT_TRACK, "true"), Some(DO_NOT_TRACK));
        assert_eq!(refusal(DO_NOT_TRACK, "0"), None);
        assert_eq!(refusal(CANDOR_CONSENT, "denied"), Some(CANDOR_CONSENT));
        assert_eq!(refusal(CANDOR_CONSENT, "nope"), Some(CANDOR_CONSENT));
        assert_eq!(refusal(CANDOR_CONSENT, "granted"), None);
        assert_eq!(refusal("OTHER", "1"), None);
    }
}
