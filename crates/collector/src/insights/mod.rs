//! Insights: one question each, answered as a [`Figure`].
//!
//! Each insight reads rows through `store::insights` and counts; it knows neither SQL nor HTML, and takes its clock with the
//! [`View`]. All of them are declared below.

mod catalogue;
mod coverage;
mod customer_facts;
mod customer_modules;
pub mod customers;
mod database_names;
mod declaration;
mod devices;
mod figure;
mod filter;
mod growth;
pub mod installed_base;
mod lead;
pub mod limits;
pub mod losses;
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

declaration::declare! {
    /// How many installations report, are new, or have fallen silent?
    REPORTING = "reporting", Base, installed_base::reporting;
    /// Which versions of the product do they have?
    VERSIONS = "versions", Base, installed_base::versions;
    /// Which values were not kept as they came?
    LOSSES = "losses", Base, losses::losses;
    /// What arrived last?
    LAST_REPORTS = "last-reports", Base, installed_base::last_reports;
    /// Which requests were refused, and which reports came twice?
    REFUSALS = "refusals", Base, refusals::refusals;
    /// Which operating systems do installations run on?
    OPERATING_SYSTEMS = "operating-systems", Base, platforms::operating_systems;
    /// Which databases, by product and leading version number?
    DATABASES = "databases", Base, platforms::databases;
    /// Which editions of databases?
    DATABASE_EDITIONS = "database-editions", Base, platforms::editions;
    /// Which languages of operating systems?
    LANGUAGES = "languages", Base, platforms::languages;
    /// Which mobile devices are used?
    DEVICES = "devices", Base, devices::devices;
    /// Who would be affected if more were required?
    WHAT_IF = "what-if", Customers, what_if::what_if;
    /// Where are modules used?
    MODULES = "modules", Base, modules::modules;
    /// How do records of modules grow?
    MODULE_GROWTH = "module-growth", Base, growth::growth;
    /// Who uses one module?
    MODULE_CUSTOMERS = "module-customers", Customers, module_customers::module_customers;
    /// How are options set?
    SETTINGS = "settings", Base, settings::settings;
    /// How is one option set?
    SETTING = "setting", Base, setting::setting;
    /// Who are the customers?
    CUSTOMERS = "customers", Customers, customers::customers;
    /// Which installations does one customer have?
    CUSTOMER_INSTALLATIONS = "customer-installations", Customers, customers::installations;
    /// Which versions did one customer have, and when?
    CUSTOMER_VERSIONS = "customer-versions", Customers, customers::version_history;
    /// What does one customer report of itself now?
    CUSTOMER_FACTS = "customer-facts", Customers, customer_facts::facts;
    /// How many records does one customer have, by module?
    CUSTOMER_MODULES = "customer-modules", Customers, customer_modules::module_counts;
    /// Which of one customer's values were not kept as they came?
    CUSTOMER_LOSSES = "customer-losses", Customers, customers::losses;
}
