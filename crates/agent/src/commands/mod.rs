//! One command, one file: its arguments, what it does, what it prints.

pub mod policy;
