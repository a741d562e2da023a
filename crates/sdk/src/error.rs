//! What can go wrong: a variant for each thing that a caller would do differently.

use std::io;
use std::path::{Path, PathBuf};

use candor_policy::Refusal;

use crate::cause::Cause;

/// Why a call did not do what it was asked for. None of them is a reason for the host to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Collection is not allowed here and now. Quiet: the host goes on.
    #[error("{0}")]
    NotAllowed(Cause),
    /// The report's header does not fit the policy: a mistake in the call.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The policy has no such category: a mistake in the call.
    #[error("the policy has no category `{0}`")]
    UnknownCategory(String),
    /// The policy's mode is opt-in: somebody must be asked, a default is not an answer.
    #[error("the policy is opt-in: a grant needs somebody who was asked, so there is no default to record")]
    MustAsk,
    /// Another process has held the state folder for too long.
    #[error("another process holds {}; try again", path.display())]
    Busy {
        /// The lock's file.
        path: PathBuf,
    },
    /// Consent is denied from here on, and the ledger will say so with the next decision: another process holds it.
    #[error(
        "collection is denied from now on; another process holds {}, so the ledger says so with the next decision",
        path.display()
    )]
    Unrecorded {
        /// The lock's file.
        path: PathBuf,
    },
    /// The state folder cannot be read or written.
    #[error("cannot {doing} {}: {fault}", path.display())]
    Folder {
        /// What was tried, as a verb.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed. Said above, so it is not a source that is said once more.
        fault: io::Error,
    },
    /// A mistake inside the SDK, or in a clock that was passed in. Counted, and kept away from the host.
    #[error("a mistake inside the SDK was contained: {0}")]
    Contained(String),
}

impl Error {
    /// Wraps an input or output error with what was tried.
    pub(crate) fn folder(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |fault| Self::Folder { doing, path, fault }
    }
}
