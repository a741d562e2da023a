//! Facts that are one value: platforms, flags, numbers; and devices, which are rows of values.

use duckdb::Connection;

use super::keys::wanted;
use super::{BASE, CARRIED, COUNTING, MONTHLY, MetricOf, Month, NEWEST, Slice, WANTED, count, month, rows};

const SCALAR_MONTHS: &str = include_str!("queries/scalars.scalar_months.sql");
const SPOKEN_STATES: &str = include_str!("queries/scalars.spoken_states.sql");

/// What one installation says of one metric at a month's end.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarMonth {
    /// The installation, numbered.
    pub installation: i64,
    /// The installation's name.
    pub name: String,
    /// The customer's key.
    pub customer: String,
    /// The customer's own name.
    pub customer_name: Option<String>,
    /// The metric.
    pub metric: MetricOf,
    /// The month.
    pub month: Month,
    /// `value`, `withheld` or `not-measured`.
    pub state: String,
    /// The value, where there is one.
    pub text: Option<String>,
    /// The value as a number, where it is one.
    pub number: Option<f64>,
}

impl ScalarMonth {
    /// The value as text, where there is one: a reason why something was not measured is none.
    pub fn said(&self) -> Option<&str> {
        self.text.as_deref().filter(|_| self.state == "value")
    }
}

/// How many installations say a metric, withhold it, or could not measure it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenState {
    /// The metric.
    pub metric: MetricOf,
    /// It is said.
    pub known: usize,
    /// The customer's own rule left it out.
    pub withheld: usize,
    /// It could not be measured.
    pub not_measured: usize,
}

/// One kind of device at one installation.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRow {
    /// The installation, numbered.
    pub installation: i64,
    /// The row's columns as JSON.
    pub columns: String,
    /// How many devices.
    pub count: f64,
}

/// What each installation says of each metric at each month's end.
pub fn scalar_months(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Vec<ScalarMonth>> {
    let sql = format!(
        "WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SCALAR_MONTHS}, {CARRIED}
         SELECT c.installation, i.name, coalesce(i.customer, '~' || i.name), i.customer_name, c.policy, c.metric,
                c.at_number, c.state, c.text, c.number
         FROM carried c
         JOIN installations i ON i.installation = c.installation
         ORDER BY c.installation, c.policy, c.metric, c.at_number"
    );
    rows(connection, &sql, slice, &[("wanted", &wanted(metrics))], |row| {
        Ok(ScalarMonth {
            installation: row.get(0)?,
            name: row.get(1)?,
            customer: row.get(2)?,
            customer_name: row.get(3)?,
            metric: MetricOf { policy: row.get(4)?, metric: row.get(5)? },
            month: month(row, 6)?,
            state: row.get(7)?,
            text: row.get(8)?,
            number: row.get(9)?,
        })
    })
}

/// Who says what at the slice's end, metric by metric.
pub fn spoken_states(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Vec<SpokenState>> {
    spoken(connection, slice, metrics, true)
}

/// Who says anything of the metrics at the slice's end; an installation counts once. One row, whose metric has no name;
/// none where nobody speaks.
pub fn spoken_of_any(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Option<SpokenState>> {
    Ok(spoken(connection, slice, metrics, false)?.pop())
}

fn spoken(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
    metric_by_metric: bool,
) -> duckdb::Result<Vec<SpokenState>> {
    let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {NEWEST}, {SPOKEN_STATES}");
    let own: [(&str, &dyn duckdb::ToSql); 2] =
        [("wanted", &wanted(metrics)), ("metric_by_metric", &metric_by_metric)];
    rows(connection, &sql, slice, &own, |row| {
        Ok(SpokenState {
            metric: MetricOf { policy: row.get(0)?, metric: row.get(1)? },
            known: count(row, 2)?,
            withheld: count(row, 3)?,
            not_measured: count(row, 4)?,
        })
    })
}

/// Devices at the slice's end.
pub fn device_rows(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Vec<DeviceRow>> {
    let sql = format!(
        "WITH {WANTED}, {BASE}, {COUNTING}, {NEWEST}
         SELECT installation, text, number FROM standing
         WHERE state = 'value' AND text IS NOT NULL AND number IS NOT NULL
         ORDER BY installation, text"
    );
    rows(connection, &sql, slice, &[("wanted", &wanted(metrics))], |row| {
        Ok(DeviceRow { installation: row.get(0)?, columns: row.get(1)?, count: row.get(2)? })
    })
}
