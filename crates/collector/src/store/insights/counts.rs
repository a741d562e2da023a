//! Record counts of modules' tables.

use duckdb::Connection;
use jiff::Timestamp;

use super::keys::wanted;
use super::{
    BASE, CARRIED, COUNTING, KeyOf, MONTHLY, MetricOf, Month, Slice, WANTED, count, moment, month, rows,
};

const SAID: &str = include_str!("queries/counts.said.sql");
const MODULE_USES: &str = include_str!("queries/counts.module_uses.sql");
const MODULE_MONTHS: &str = include_str!("queries/counts.module_months.sql");

/// One module at one installation.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleUse {
    /// The module's table.
    pub key: KeyOf,
    /// The installation, numbered.
    pub installation: i64,
    /// The installation's name.
    pub name: String,
    /// The customer's key.
    pub customer: String,
    /// The customer's own name.
    pub customer_name: Option<String>,
    /// Records at the slice's end.
    pub now: f64,
    /// Records when the window of active use began.
    pub before: Option<f64>,
    /// When it was last said.
    pub last: Timestamp,
}

/// One module at a month's end beside the month before.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleMonth {
    /// The module's table.
    pub key: KeyOf,
    /// The month.
    pub month: Month,
    /// Records of the installations that are known in both months, now.
    pub records: f64,
    /// Records of the same installations, the month before.
    pub before: f64,
    /// At how many installations it is known now.
    pub installations: usize,
}

/// Every module at every installation; one key alone where it is named.
pub fn module_uses(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
    key: Option<&str>,
    active_months: i32,
) -> duckdb::Result<Vec<ModuleUse>> {
    // The window of active use may begin before the slice does.
    let wider = Slice { from: slice.from.min(slice.through.plus(-active_months)), ..slice.clone() };
    let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SAID}, {CARRIED} {MODULE_USES}");
    let own: [(&str, &dyn duckdb::ToSql); 3] =
        [("wanted", &wanted(metrics)), ("key", &key), ("active_months", &active_months)];
    rows(connection, &sql, &wider, &own, |row| {
        Ok(ModuleUse {
            key: KeyOf { policy: row.get(0)?, metric: row.get(1)?, key: row.get(2)? },
            installation: row.get(3)?,
            name: row.get(4)?,
            customer: row.get(5)?,
            customer_name: row.get(6)?,
            now: row.get(7)?,
            before: row.get(8)?,
            last: moment(row, 9)?,
        })
    })
}

/// Modules month by month, each beside the month before; the first month of the slice has none before it.
pub fn module_months(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
) -> duckdb::Result<Vec<ModuleMonth>> {
    let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SAID}, {CARRIED} {MODULE_MONTHS}");
    rows(connection, &sql, slice, &[("wanted", &wanted(metrics))], |row| {
        Ok(ModuleMonth {
            key: KeyOf { policy: row.get(0)?, metric: row.get(1)?, key: row.get(2)? },
            month: month(row, 3)?,
            records: row.get(4)?,
            before: row.get(5)?,
            installations: count(row, 6)?,
        })
    })
}
