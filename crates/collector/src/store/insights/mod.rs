//! Reads of the columns for insights: all their SQL, and nothing of their meaning.
//!
//! Every question is a method of [`ColumnsReader`], takes a [`Slice`] and returns plain rows. Values are bound; statements
//! are put together only from the fragments in `queries/`, and read by the names of their columns.

mod counts;
mod customers;
#[cfg(test)]
pub(crate) mod fixture;
mod keys;
mod month;
mod outcomes;
mod reader;
mod reports;
mod scalars;
mod settings;

use jiff::Timestamp;

pub use counts::{ModuleMonth, ModuleUse};
pub use customers::{CustomerRow, FactRow, InstallationRow, SourceSeen, VersionSeen};
pub use keys::{KeyOf, MetricOf};
pub use month::{Month, days_before};
pub use outcomes::{OutcomeMonth, OutcomeRow};
pub use reader::ColumnsReader;
pub use reports::{BaseMonth, Choices, LastReport, VersionMonth, VersionNow};
pub use scalars::{DeviceRow, ScalarMonth, SpokenState};
pub use settings::{Search, SettingValue};

/// What part of the columns is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The first month on the charts.
    pub from: Month,
    /// The last month; what came later does not exist.
    pub through: Month,
    /// The moment that "now" means: the end of the last month, or the present one if that is earlier.
    pub at: Timestamp,
    /// How long an installation may say nothing before it is silent, days.
    pub silence_days: i64,
    /// The application; none: all.
    pub product: Option<String>,
    /// The version that an installation has now; none: all.
    pub version: Option<String>,
    /// The customer's key; none: all.
    pub customer: Option<String>,
}

/// The installations of a slice.
const BASE: &str = include_str!("queries/base.sql");
/// Of each installation and what it says: its last word at the end of each month.
const CARRIED: &str = concat!(include_str!("queries/heard.sql"), ", ", include_str!("queries/carried.sql"));
/// Of each installation: the months at whose end it had been heard from.
const HEARD: &str = include_str!("queries/heard.sql");
/// What the installations of a slice said of the metrics that are asked for.
const SPOKEN: &str = include_str!("queries/spoken.sql");
/// The same, and which of their reports count.
const COUNTING: &str =
    concat!(include_str!("queries/spoken.sql"), ", ", include_str!("../queries/counting.sql"));
/// Of each installation, policy and metric: what stands now.
const NEWEST: &str =
    concat!(include_str!("queries/newest.sql"), ", ", include_str!("../queries/standing.sql"));
/// Of each installation, policy, metric and month: what stands at its end.
const MONTHLY: &str =
    concat!(include_str!("queries/monthly.sql"), ", ", include_str!("../queries/standing.sql"));
/// The metrics that a query is asked for.
const WANTED: &str = include_str!("queries/wanted.sql");
/// A customer's key: what it calls itself, or its only installation's name behind a tilde.
pub(super) const CUSTOMER_KEY: &str = "coalesce(i.customer, '~' || i.name)";
