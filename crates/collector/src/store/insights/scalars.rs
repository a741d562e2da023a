//! Facts that are one value: platforms, flags, numbers; and devices, which are rows of values.

use super::keys::wanted;
use super::reader::{count, metric_of, month};
use super::{BASE, CARRIED, ColumnsReader, MetricOf, Month, STANDING, Slice, WANTED};
use crate::store::StoreError;

const SCALAR_MONTHS: &str = include_str!("queries/scalars.scalar_months.sql");
const SCALARS_NOW: &str = include_str!("queries/scalars.scalars_now.sql");
const SPOKEN_STATES: &str = include_str!("queries/scalars.spoken_states.sql");

/// How many installations have a value at a month's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalarMonth {
    /// The value.
    pub text: String,
    /// The value of the metric beside it.
    pub beside: Option<String>,
    /// The month.
    pub month: Month,
    /// How many.
    pub installations: usize,
}

/// The value that one installation has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalarNow {
    /// The installation's name.
    pub name: String,
    /// The customer's key.
    pub customer: String,
    /// The customer's own name.
    pub customer_name: Option<String>,
    /// The policy that it reports under.
    pub policy: String,
    /// The value.
    pub text: String,
    /// The value of the metric beside it.
    pub beside: Option<String>,
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
    /// How many installations have which value at each month's end. Each value comes with what the same installation says
    /// of those in `beside`, such as a database's version with its product.
    pub fn scalar_months(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
        beside: &[MetricOf],
    ) -> Result<Vec<ScalarMonth>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {CARRIED}, {SCALAR_MONTHS}");
        let own: [(&str, &dyn duckdb::ToSql); 2] =
            [("wanted", &wanted(&[metrics, beside].concat())), ("beside", &wanted(beside))];
        self.rows(&sql, slice, &own, |row| {
            Ok(ScalarMonth {
                text: row.get("text")?,
                beside: row.get("beside")?,
                month: month(row)?,
                installations: count(row, "installations")?,
            })
        })
    }

    /// The same at the slice's end, installation by installation.
    pub fn scalars_now(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
        beside: &[MetricOf],
    ) -> Result<Vec<ScalarNow>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {STANDING}, {SCALARS_NOW}");
        let own: [(&str, &dyn duckdb::ToSql); 2] =
            [("wanted", &wanted(&[metrics, beside].concat())), ("beside", &wanted(beside))];
        self.rows(&sql, slice, &own, |row| {
            Ok(ScalarNow {
                name: row.get("name")?,
                customer: row.get("customer_key")?,
                customer_name: row.get("customer_name")?,
                policy: row.get("policy")?,
                text: row.get("text")?,
                beside: row.get("beside")?,
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
        let sql = format!("WITH {WANTED}, {BASE}, {STANDING}, {SPOKEN_STATES}");
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
            "WITH {WANTED}, {BASE}, {STANDING}
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
