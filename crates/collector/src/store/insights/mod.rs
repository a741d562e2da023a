//! Reads of the columns for insights: all their SQL, and nothing of their meaning.
//!
//! Every function takes a connection and a [`Slice`], and returns plain rows. Values are bound; text is put together from
//! the fragments in `queries/` alone.

mod counts;
mod customers;
mod keys;
mod month;
mod outcomes;
mod reports;
mod scalars;
mod settings;

use duckdb::{Connection, Row, ToSql};
use jiff::Timestamp;

pub use counts::{ModuleMonth, ModuleUse, module_months, module_uses};
pub use customers::{
    CustomerRow, FactRow, InstallationRow, SourceSeen, VersionSeen, customer_counts, customer_rows,
    customer_sources, customer_versions, customer_words, installations_of,
};
pub use keys::{KeyOf, MetricOf};
pub use month::{Month, days_before};
pub use outcomes::{OutcomeMonth, OutcomeRow, outcome_months, outcome_rows};
pub use reports::{
    BaseMonth, Choices, LastReport, VersionMonth, VersionNow, base_months, choices, last_reports,
    reporting_installations, version_months, versions_now,
};
pub use scalars::{
    DeviceRow, ScalarMonth, SpokenState, device_rows, scalar_months, spoken_of_any, spoken_states,
};
pub use settings::{Search, SettingValue, setting_values};

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

/// A statement's own values, by name.
type Named<'a> = [(&'a str, &'a dyn ToSql)];

/// Runs a statement over a slice: the slice's values are bound where the statement names them.
fn rows<T>(
    connection: &Connection,
    sql: &str,
    slice: &Slice,
    own: &Named<'_>,
    read: impl FnMut(&Row<'_>) -> duckdb::Result<T>,
) -> duckdb::Result<Vec<T>> {
    let (from, through) = (slice.from.number(), slice.through.number());
    let at = timestamp(slice.at);
    let heard_since = timestamp(days_before(slice.at, slice.silence_days));
    let of_slice: [(&str, &dyn ToSql); 8] = [
        ("from", &from),
        ("through", &through),
        ("at", &at),
        ("heard_since", &heard_since),
        ("silence_days", &slice.silence_days),
        ("product", &slice.product),
        ("version", &slice.version),
        ("customer", &slice.customer),
    ];
    let named: Vec<(&str, &dyn ToSql)> =
        of_slice.iter().chain(own).copied().filter(|(name, _)| names(sql, name)).collect();
    let mut statement = connection.prepare(sql)?;
    statement.query_map(named.as_slice(), read)?.collect()
}

/// Whether a statement has a parameter of this name; binding one that it has not is an error.
fn names(sql: &str, name: &str) -> bool {
    sql.match_indices('$').any(|(place, _)| {
        sql[place + 1..]
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
    })
}

/// A moment as DuckDB reads it.
fn timestamp(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
}

/// A column that holds microseconds since 1970.
fn moment(row: &Row<'_>, column: usize) -> duckdb::Result<Timestamp> {
    let microseconds: i64 = row.get(column)?;
    Ok(Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// A column that holds a month's number.
fn month(row: &Row<'_>, column: usize) -> duckdb::Result<Month> {
    row.get(column).map(Month::from_number)
}

/// A column that holds a count.
fn count(row: &Row<'_>, column: usize) -> duckdb::Result<usize> {
    let number: i64 = row.get(column)?;
    Ok(usize::try_from(number).unwrap_or_default())
}
