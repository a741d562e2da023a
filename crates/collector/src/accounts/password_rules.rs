//! Which passwords and names may be chosen. Length is what counts, and a password that guessers try first has none to speak of
//! (NIST SP 800-63B, section 3.1.1.2).

use candor_policy::identity_text;
use zxcvbn::{Score, zxcvbn};

use crate::limits::{
    ACCOUNT_NAME_LONGEST, PASSWORD_ESTIMATED_CHARACTERS, PASSWORD_LONGEST_BYTES, PASSWORD_SHORTEST,
};

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short or too long.
    #[error(
        "a password has at least {PASSWORD_SHORTEST} characters, and at most {PASSWORD_LONGEST_BYTES} bytes"
    )]
    Length,
    /// Guessers try it early.
    #[error(
        "this password is easy to guess: it is a common one, a name, a date or a pattern of keys. Choose a few words that do not \
         belong together"
    )]
    Common,
}

/// Why a name cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Empty, too long, or with control characters.
    #[error("a name has 1 to {ACCOUNT_NAME_LONGEST} visible characters")]
    Form,
    /// It could be taken for another one.
    #[error("the name {0}")]
    Misleading(#[from] identity_text::IdentityFault),
}

/// Holds a password against the rules, for an account of this name.
///
/// # Errors
/// [`PasswordFault`].
pub(super) fn check_password(password: &str, name: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < PASSWORD_SHORTEST || password.len() > PASSWORD_LONGEST_BYTES {
        return Err(PasswordFault::Length);
    }
    let beginning: String = password.chars().take(PASSWORD_ESTIMATED_CHARACTERS).collect();
    let is_common = zxcvbn(&beginning, &[name, "candor"]).score() < Score::Four;
    if is_common { Err(PasswordFault::Common) } else { Ok(()) }
}

/// Holds a name, without the blanks around it, against the rules.
///
/// # Errors
/// [`NameFault`].
pub(super) fn check_name(name: &str) -> Result<(), NameFault> {
    if name.is_empty() || name.chars().count() > ACCOUNT_NAME_LONGEST || name.chars().any(char::is_control) {
        return Err(NameFault::Form);
    }
    Ok(identity_text::check(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guessers_try_first_is_refused() {
        for common in [
            "passwordpassword",
            "Password12345!",
            "qwertyuiop1234",
            "123456789012345",
            "aaaaaaaaaaaaaaa",
            "adalovelace2026",
            "iloveyou-iloveyou",
            "Summer2026Summer",
            "letmein letmein",
            "CandorCandor1",
        ] {
            assert_eq!(check_password(common, "adalovelace"), Err(PasswordFault::Common), "{common}");
        }
        for good in ["correct horse battery", "teal otter bakes 9 maps", "zV9#tqLw02-Rk"] {
            assert_eq!(check_password(good, "ada"), Ok(()), "{good}");
        }
        assert_eq!(check_password("zV9#tqLw02", "ada"), Err(PasswordFault::Length));
        assert_eq!(check_password(&"teal otter ".repeat(100), "ada"), Err(PasswordFault::Length));
    }

    #[test]
    fn a_name_that_could_be_taken_for_another_is_refused() {
        for good in ["ada", "Ada Lovelace", "Jürgen", "Ада"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["a\u{200b}da", "\u{430}da", "ada\u{202e}"] {
            assert!(matches!(check_name(bad), Err(NameFault::Misleading(_))), "{bad:?}");
        }
        assert_eq!(check_name(""), Err(NameFault::Form));
        assert_eq!(check_name(&"a".repeat(65)), Err(NameFault::Form));
    }
}
