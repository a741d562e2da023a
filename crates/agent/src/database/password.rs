//! A password, and how it is kept out of every message.

use std::fmt;
use std::path::Path;

use anyhow::Context;

use super::limits;

/// A password. It has no way into a message: it is neither displayed nor debugged.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The first line of a file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("the password file {} cannot be read", path.display());
        let bytes = candor_sdk::read_bounded(path, limits::PASSWORD_FILE_BYTES).with_context(unreadable)?;
        let bytes = bytes.context("the file is not there").with_context(unreadable)?;
        let text = String::from_utf8(bytes).with_context(unreadable)?;
        Ok(Self(text.lines().next().unwrap_or_default().to_owned()))
    }

    /// The password itself, for the driver alone.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(…)")
    }
}
