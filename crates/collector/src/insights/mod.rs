//! Insights: one question each, answered as a [`Figure`].
//!
//! Each insight reads rows through `store::insights` and counts; it knows neither SQL nor HTML, and takes its clock with the
//! [`View`]. What a figure is called in an address, and whether it names customers, stands in [`FIGURES`].

mod catalogue;
mod coverage;
mod customer_facts;
pub mod customers;
mod devices;
mod figure;
mod filter;
mod growth;
mod installed_base;
pub mod limits;
mod losses;
mod module_customers;
mod modules;
mod platforms;
mod programmes;
mod refusals;
mod requirement;
mod series;
mod setting;
mod settings;
mod versions;
mod view;
mod what_if;
pub mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use duckdb::Connection;

pub use catalogue::Catalogue;
pub use figure::{
    Address, Cell, Chart, Column, Coverage, Figure, Form, Part, PartKind, Series, Table, Tones,
};
pub use filter::Filter;
pub use requirement::{Requirement, Subject};
pub use view::{Question, View};

use programmes::Programmes;
pub use what_if::{Requirable, requirements};

pub use crate::store::insights::{KeyOf, MetricOf, Month};

/// What an insight is.
type Insight = fn(&Connection, &View) -> duckdb::Result<Figure>;

/// A figure's place: its name, whom it speaks of, and what makes it.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name in addresses: `/figures/<name>.csv`.
    pub name: &'static str,
    /// Whether it names customers, so that every look at it goes into the audit log. So does a look at any other figure
    /// in a view that is narrowed; see [`View::is_narrowed`].
    pub names_customers: bool,
    /// What makes it.
    pub insight: Insight,
}

/// All figures.
pub const FIGURES: &[Entry] = &[
    entry("reporting", installed_base::reporting),
    entry("versions", installed_base::versions),
    entry("losses", losses::losses),
    entry("last-reports", installed_base::last_reports),
    entry("refusals", refusals::refusals),
    entry("operating-systems", platforms::operating_systems),
    entry("databases", platforms::databases),
    entry("database-editions", platforms::editions),
    entry("languages", platforms::languages),
    entry("devices", devices::devices),
    of_customers("what-if", what_if::what_if),
    entry("modules", modules::modules),
    entry("module-growth", growth::growth),
    of_customers("module-customers", module_customers::module_customers),
    entry("settings", settings::settings),
    entry("setting", setting::setting),
    of_customers("customers", customers::customers),
    of_customers("customer-installations", customers::installations),
    of_customers("customer-versions", customers::version_history),
    of_customers("customer-facts", customer_facts::facts),
    of_customers("customer-modules", customers::module_counts),
    of_customers("customer-losses", customers::losses),
];

/// The figure of this name.
pub fn entry_of(name: &str) -> Option<&'static Entry> {
    FIGURES.iter().find(|entry| entry.name == name)
}

const fn entry(name: &'static str, insight: Insight) -> Entry {
    Entry { name, names_customers: false, insight }
}

const fn of_customers(name: &'static str, insight: Insight) -> Entry {
    Entry { name, names_customers: true, insight }
}
