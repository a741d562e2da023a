//! Failures that the caller mends: bad arguments, a policy file with faults. They end with their own exit code.

/// What is wrong with what the caller gave, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(pub String);

impl BadInput {
    /// The failure as an error of a command.
    pub fn error(what: impl Into<String>) -> anyhow::Error {
        Self(what.into()).into()
    }
}
