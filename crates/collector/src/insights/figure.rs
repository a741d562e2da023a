//! The collector's figures: the shared type, and where a cell leads here.

use candor_web::figure;

pub use candor_web::figure::{Chart, Column, Coverage, Form, Part, PartKind, Series, Tones};

use crate::store::insights::KeyOf;

/// An answer whose cells lead to pages of the collector.
pub type Figure = figure::Figure<Address>;
/// Its table.
pub type Table = figure::Table<Address>;
/// A cell of it.
pub type Cell = figure::Cell<Address>;

/// Where a cell leads; the page knows the words of the address and keeps its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A customer's page.
    Customer(String),
    /// Who uses a module.
    Module(KeyOf),
    /// How a setting is set.
    Setting(KeyOf),
    /// A policy's version.
    Policy(String, String),
}
