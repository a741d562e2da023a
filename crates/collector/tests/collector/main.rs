//! The collector as a whole: real stores in a temporary folder, real HTTP, a clock that tests move by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails; helpers are no exception")]

use candor_testing::collector as support;

mod accounts;
mod addresses;
mod attacks;
mod audit;
mod bad_input;
mod command_line;
mod damaged_columns;
mod erasure;
mod full_disk;
mod guards;
mod journal_gone;
mod journal_log;
mod keys;
mod law_1;
mod law_10;
mod law_6;
mod law_6_kill;
mod law_7;
mod law_8;
mod metrics;
mod odd_names;
mod overload;
mod pages;
mod program;
mod projection;
mod refusals;
mod salvage;
mod stopping;
mod vouchers;
