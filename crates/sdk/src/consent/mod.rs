//! Consent: what a site has decided, what overrides that, and what of a policy it covers today.
//!
//! A decision is recorded in the ledger; the machine's settings and the environment narrow it and never widen it; an upgrade
//! to another policy version keeps it or narrows it and never widens it (law 3).

mod denial;
mod hold;
pub mod ledger;
mod recording;
mod status;

pub use ledger::{Decision, Entry};
pub use status::{ConsentStatus, Grant};

pub(crate) use denial::Denial;
pub(crate) use hold::{keep_manifest, kept_policy};
pub(crate) use recording::record;
pub(crate) use status::{Questions, status};
