//! The SDK through its face, in temporary folders, against a small real collector on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use candor_testing::site as support;

mod consent;
mod crashes;
mod delivery;
mod folder;
mod host;
mod losses;
mod payload;
mod sent_log;
mod vouchers;
