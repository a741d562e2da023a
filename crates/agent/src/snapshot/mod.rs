//! The snapshot: what a policy wants to know of the product's database.
//!
//! It owns the way from a metric's origin to its value: which tables, columns and rows are read, and how their values are
//! redacted before anything else sees them. One table that fails costs what hangs on it and nothing more. It refuses to
//! read what the policy excepts, and to look at a table that no metric names.

mod gatherer;
mod hash;
mod keyed;
mod names;
mod options;
mod progress;
mod settings_table;

pub use gatherer::{Request, gather};
pub use hash::SiteKey;
pub use progress::Progress;
