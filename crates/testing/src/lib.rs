//! For tests alone: a clock that is moved by hand, a customer's site, a collector, servers of databases, and what is planted in
//! the sample product. What two crates' tests need stands here, once.
//!
//! It runs the real programs and stores wherever it can. Nothing that ships depends on it.

#![warn(clippy::pedantic)]
#![allow(
    clippy::unwrap_used,
    missing_docs,
    clippy::doc_markdown,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a test fails by panicking, and a name in it that does not say enough is changed"
)]

pub mod canaries;
#[cfg(feature = "clock")]
pub mod clock;
#[cfg(feature = "collector")]
pub mod collector;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "site")]
pub mod site;
