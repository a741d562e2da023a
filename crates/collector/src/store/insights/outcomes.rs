//! What became of values on the way in.

use duckdb::Connection;

use super::{BASE, Month, Slice, count, month, rows};

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

/// Outcomes of the slice's months, by metric.
pub fn outcome_rows(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<OutcomeRow>> {
    let sql = format!(
        "WITH {BASE}, {CAME}
         SELECT policy, metric, kind, sum(count)::BIGINT, count(DISTINCT installation), max(month_number)
         FROM came GROUP BY policy, metric, kind ORDER BY sum(count) DESC, policy, metric, kind"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(OutcomeRow {
            policy: row.get(0)?,
            metric: row.get(1)?,
            kind: row.get(2)?,
            count: count(row, 3)?,
            installations: count(row, 4)?,
            last: month(row, 5)?,
        })
    })
}

/// Outcomes of the slice's months, by month.
pub fn outcome_months(connection: &Connection, slice: &Slice) -> duckdb::Result<Vec<OutcomeMonth>> {
    let sql = format!(
        "WITH {BASE}, {CAME}
         SELECT kind, month_number, sum(count)::BIGINT FROM came GROUP BY ALL ORDER BY ALL"
    );
    rows(connection, &sql, slice, &[], |row| {
        Ok(OutcomeMonth { kind: row.get(0)?, month: month(row, 1)?, count: count(row, 2)? })
    })
}
