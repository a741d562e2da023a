//! Facts that are one value: platforms, flags, numbers; and devices, which are rows of values.

use super::keys::wanted;
use super::reader::{count, metric_of, month};
use super::{BASE, CARRIED, COUNTING, ColumnsReader, MONTHLY, MetricOf, Month, NEWEST, Slice, WANTED};
use crate::store::StoreError;

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

impl ColumnsReader {
    /// What each installation says of each metric at each month's end.
    pub fn scalar_months(&self, slice: &Slice, metrics: &[MetricOf]) -> Result<Vec<ScalarMonth>, StoreError> {
        let sql = format!(
            "WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SCALAR_MONTHS}, {CARRIED}
             SELECT c.installation, i.name, coalesce(i.customer, '~' || i.name) AS customer_key, i.customer_name, c.policy,
                    c.metric, c.at_number AS month_number, c.state, c.text, c.number
             FROM carried c
             JOIN installations i ON i.installation = c.installation
             ORDER BY c.installation, c.policy, c.metric, c.at_number"
        );
        self.rows(&sql, slice, &[("wanted", &wanted(metrics))], |row| {
            Ok(ScalarMonth {
                installation: row.get("installation")?,
                name: row.get("name")?,
                customer: row.get("customer_key")?,
                customer_name: row.get("customer_name")?,
                metric: metric_of(row)?,
                month: month(row)?,
                state: row.get("state")?,
                text: row.get("text")?,
                number: row.get("number")?,
            })
        })
    }

    /// Who says what at the slice's end, metric by metric.
    pub fn spoken_states(&self, slice: &Slice, metrics: &[MetricOf]) -> Result<Vec<SpokenState>, StoreError> {
        self.spoken(slice, metrics, true)
    }

    /// Who says anything of the metrics at the slice's end; an installation counts once. One row, whose metric has no name;
    /// none where nobody speaks.
    pub fn spoken_of_any(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
    ) -> Result<Option<SpokenState>, StoreError> {
        Ok(self.spoken(slice, metrics, false)?.pop())
    }

    fn spoken(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
        metric_by_metric: bool,
    ) -> Result<Vec<SpokenState>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {NEWEST}, {SPOKEN_STATES}");
        let own: [(&str, &dyn duckdb::ToSql); 2] =
            [("wanted", &wanted(metrics)), ("metric_by_metric", &metric_by_metric)];
        self.rows(&sql, slice, &own, |row| {
            Ok(SpokenState {
                metric: metric_of(row)?,
                known: count(row, "known_at")?,
                withheld: count(row, "withheld_at")?,
                not_measured: count(row, "not_measured_at")?,
            })
        })
    }

    /// Devices at the slice's end.
    pub fn device_rows(&self, slice: &Slice, metrics: &[MetricOf]) -> Result<Vec<DeviceRow>, StoreError> {
        let sql = format!(
            "WITH {WANTED}, {BASE}, {COUNTING}, {NEWEST}
             SELECT installation, text, number FROM standing
             WHERE state = 'value' AND text IS NOT NULL AND number IS NOT NULL
             ORDER BY installation, text"
        );
        self.rows(&sql, slice, &[("wanted", &wanted(metrics))], |row| {
            Ok(DeviceRow {
                installation: row.get("installation")?,
                columns: row.get("text")?,
                count: row.get("number")?,
            })
        })
    }
}
