//! The customer's side: the command line `candor` that installers and utilities call, and what it gathers.
//!
//! It owns the words of the command line, the reading of a product's database and the way from there into the SDK.
//! It refuses to decide what may be collected or whether: the policy says the first, the consent ledger the second.

mod arguments;
mod asking;
pub mod cli;
mod clock;
pub mod commands;
pub mod database;
mod deadline;
pub mod exit;
pub mod failure;
mod say;
pub mod session;
pub mod snapshot;
pub mod submission;
mod summary;
