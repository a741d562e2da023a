//! Ingest: what takes reports in, once they have been read. It knows nothing of HTTP; `endpoints` does.
//!
//! What waits at the same moment is one batch: signatures, one commit. Installations and policies are kept ready.

mod acknowledging;
mod caches;
mod gathering;
mod intake;
mod quotas;
mod refused;
mod signing;
mod verifying;

use candor_web::Refused;

pub use acknowledging::{Acknowledger, Submission};
pub use caches::{
    BlockedInstallations, CachedInstallation, CachedPolicy, InstallationCache, PolicyCache, blocked,
};
pub use intake::{InHand, Intake};
pub use quotas::{Allowance, Allowances, Quotas};
pub use refused::Refusals;
pub use signing::Signer;
