//! What became of values on the way in.

use super::reader::{count, month};
use super::{BASE, ColumnsReader, Month, Slice};
use crate::store::StoreError;

const CAME: &str = include_str!("queries/outcomes.came.sql");

/// How often something became of values of one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    /// The policy.
    pub policy: String,
    /// The metric; none where no policy declares it.
    pub metric: Option<String>,
    /// The outcome's word.
    pub kind: String,
    /// How many values.
    pub count: usize,
    /// At how many installations.
    pub installations: usize,
    /// The newest month in which it happened.
    pub last: Month,
}

/// How often something became of values in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeMonth {
    /// The outcome's word.
    pub kind: String,
    /// The month.
    pub month: Month,
    /// How many values.
    pub count: usize,
}

impl ColumnsReader {
    /// Outcomes of the slice's months, by metric.
    pub fn outcome_rows(&self, slice: &Slice) -> Result<Vec<OutcomeRow>, StoreError> {
        let sql = format!(
            "WITH {BASE}, {CAME}
             SELECT policy, metric, kind, sum(count)::BIGINT AS values_count, count(DISTINCT installation) AS installations,
                    max(month_number) AS month_number
             FROM came GROUP BY policy, metric, kind ORDER BY sum(count) DESC, policy, metric, kind"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(OutcomeRow {
                policy: row.get("policy")?,
                metric: row.get("metric")?,
                kind: row.get("kind")?,
                count: count(row, "values_count")?,
                installations: count(row, "installations")?,
                last: month(row)?,
            })
        })
    }

    /// Outcomes of the slice's months, by month.
    pub fn outcome_months(&self, slice: &Slice) -> Result<Vec<OutcomeMonth>, StoreError> {
        let sql = format!(
            "WITH {BASE}, {CAME}
             SELECT kind, month_number, sum(count)::BIGINT AS values_count FROM came GROUP BY ALL ORDER BY ALL"
        );
        self.rows(&sql, slice, &[], |row| {
            Ok(OutcomeMonth {
                kind: row.get("kind")?,
                month: month(row)?,
                count: count(row, "values_count")?,
            })
        })
    }
}
