//! One command, one file: its arguments, what it does, what it prints.

pub mod consent;
pub mod generate;
pub mod log;
pub mod policy;
pub mod preview;
pub mod report;
pub mod snapshot;
