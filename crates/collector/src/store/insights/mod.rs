//! Reads of the columns for insights: all their SQL, and nothing of their meaning.
//!
//! Every question is a method of [`ColumnsReader`], takes a [`Slice`] and returns plain rows. Values are bound; statements
//! are put together only from the fragments in `queries/`, and read by the names of their columns.

mod counts;
mod customers;
#[cfg(test)]
pub(crate) mod fixture;
mod keys;
mod outcomes;
mod reader;
mod reports;
mod scalars;
mod settings;

use jiff::Timestamp;

pub use super::month::{Month, days_before};
pub use super::states::SILENCE_DAYS;
pub use counts::{ModuleMonth, ModuleTally, ModuleUse, Use};
pub use customers::{CustomerRow, FactRow, InstallationRow, SourceSeen, VersionSeen};
pub use keys::{KeyOf, MetricOf};
pub use outcomes::{OutcomeMonth, OutcomeRow};
pub use reader::ColumnsReader;
pub use reports::{BaseMonth, Choices, LastReport, Presence, VersionMonth, VersionNow};
pub use scalars::{DeviceRow, ScalarMonth, ScalarNow, SpokenState};
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
    /// The policies that declare a voucher key: their installations count where a voucher verifies them.
    pub vouched: Vec<String>,
    /// Whether those count, too, that none verifies.
    pub unverified: bool,
}

/// The installations of a slice.
const BASE: &str = include_str!("queries/base.sql");
/// The same, month by month.
const MONTHS: &str = include_str!("queries/months.sql");
/// The metrics that a query is asked for.
const WANTED: &str = include_str!("queries/wanted.sql");
/// What stands of them at the slice's end.
const STANDING: &str = include_str!("queries/standing.sql");
/// What stood of them at silent installations when they were last heard from.
const STOOD: &str = include_str!("queries/stood.sql");
/// The spells of months in which installations were heard from.
const HEARD: &str = include_str!("queries/heard.sql");
/// What stands of the metrics meanwhile.
const CARRIED: &str = concat!(include_str!("queries/heard.sql"), ", ", include_str!("queries/carried.sql"));
