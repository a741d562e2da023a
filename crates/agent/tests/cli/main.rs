//! The real `candor`, run as an installer or an administrator runs it, against a small real collector on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use candor_testing::site as support;

mod ask;
mod consent;
mod log;
mod report;
mod run;
mod words;
