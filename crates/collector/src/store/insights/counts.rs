//! Record counts of modules' tables.

use jiff::Timestamp;

use super::keys::wanted;
use super::reader::{count, key_of, moment, month};
use super::{BASE, CARRIED, COUNTING, ColumnsReader, KeyOf, MONTHLY, MetricOf, Month, Slice, WANTED};
use crate::store::StoreError;

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

impl ColumnsReader {
    /// Every module at every installation; one key alone where it is named.
    pub fn module_uses(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
        key: Option<&str>,
        active_months: i32,
    ) -> Result<Vec<ModuleUse>, StoreError> {
        // The window of active use may begin before the slice does.
        let wider = Slice { from: slice.from.min(slice.through.plus(-active_months)), ..slice.clone() };
        let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SAID}, {CARRIED} {MODULE_USES}");
        let own: [(&str, &dyn duckdb::ToSql); 3] =
            [("wanted", &wanted(metrics)), ("key", &key), ("active_months", &active_months)];
        self.rows(&sql, &wider, &own, |row| {
            Ok(ModuleUse {
                key: key_of(row)?,
                installation: row.get("installation")?,
                name: row.get("name")?,
                customer: row.get("customer_key")?,
                customer_name: row.get("customer_name")?,
                now: row.get("now")?,
                before: row.get("before")?,
                last: moment(row, "last")?,
            })
        })
    }

    /// Modules month by month, each beside the month before; the first month of the slice has none before it.
    pub fn module_months(&self, slice: &Slice, metrics: &[MetricOf]) -> Result<Vec<ModuleMonth>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {MONTHLY}, {SAID}, {CARRIED} {MODULE_MONTHS}");
        self.rows(&sql, slice, &[("wanted", &wanted(metrics))], |row| {
            Ok(ModuleMonth {
                key: key_of(row)?,
                month: month(row)?,
                records: row.get("records")?,
                before: row.get("records_before")?,
                installations: count(row, "installations")?,
            })
        })
    }
}
