//! The header of a report: what must be true of it before any of its values is looked at. Where it cannot be true, the whole
//! report is refused; everything milder costs a value alone and is not decided here.

use crate::limits::VERSION_LENGTH;
use crate::{Policy, ProblemCode, Report};

/// Why a whole report is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It names another policy, version or digest.
    #[error("the report was gathered under policy {named}, and this is {held}")]
    OtherPolicy {
        /// What the report names.
        named: String,
        /// What it was held against.
        held: String,
    },
    /// The policy has no such source.
    #[error("the policy declares no source of that name")]
    UnknownSource,
    /// The source may not name such an application.
    #[error("the source does not declare that application")]
    UnknownApplication,
    /// The application's version is empty, too long, or no version.
    #[error(
        "the application's version is empty, longer than {VERSION_LENGTH} bytes, or has control characters"
    )]
    InvalidVersion,
    /// The period ends before it starts.
    #[error("the period ends before it starts")]
    InvalidPeriod,
}

impl Refusal {
    /// The code that a collector answers with.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::OtherPolicy { .. } => ProblemCode::UnknownPolicy,
            Self::UnknownSource | Self::UnknownApplication => ProblemCode::UnknownSource,
            Self::InvalidVersion | Self::InvalidPeriod => ProblemCode::InvalidHeader,
        }
    }
}

/// Whether the header can be true under this policy.
///
/// # Errors
/// The first [`Refusal`].
pub fn check(policy: &Policy, report: &Report) -> Result<(), Refusal> {
    let named = &report.policy;
    if named.id != policy.id || named.version != policy.version || named.digest != policy.digest {
        return Err(Refusal::OtherPolicy {
            named: format!("{} {} ({})", named.id, named.version, named.digest.short()),
            held: format!("{} {} ({})", policy.id, policy.version, policy.digest.short()),
        });
    }
    let source = policy.source(report.source.as_str()).ok_or(Refusal::UnknownSource)?;
    if !source.applications.contains(&report.application) {
        return Err(Refusal::UnknownApplication);
    }
    if !is_version(&report.version) {
        return Err(Refusal::InvalidVersion);
    }
    if report.period.end < report.period.start {
        return Err(Refusal::InvalidPeriod);
    }
    Ok(())
}

/// Whether a text can be a version.
pub fn is_version(text: &str) -> bool {
    !text.is_empty() && text.len() <= VERSION_LENGTH && !text.chars().any(char::is_control)
}
