//! Record counts of modules' tables.

use std::collections::BTreeMap;

use duckdb::Row;
use jiff::Timestamp;

use super::keys::wanted;
use super::reader::{count, key_of, moment};
use super::{BASE, CARRIED, ColumnsReader, HEARD, KeyOf, MetricOf, Month, STANDING, STOOD, Slice, WANTED};
use crate::store::StoreError;

const USES: &str = include_str!("queries/counts.uses.sql");
const MODULE_USES: &str = include_str!("queries/counts.module_uses.sql");
const MODULE_TALLIES: &str = include_str!("queries/counts.module_tallies.sql");
const MODULE_MONTHS: &str = include_str!("queries/counts.module_months.sql");

/// How one installation uses a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Its records grew within the window of active use.
    Active,
    /// It has records, and their number did not grow.
    OnlyRecords,
    /// It has records, and nobody knows how many it had when the window began: the installation is newer, was silent, or did
    /// not count them then.
    TooNew,
    /// It has none.
    Empty,
    /// The installation is silent.
    Silent,
}

/// One module at one installation.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleUse {
    /// The installation's name.
    pub name: String,
    /// The customer's key.
    pub customer: String,
    /// The customer's own name.
    pub customer_name: Option<String>,
    /// How it is used.
    pub kind: Use,
    /// Records at the slice's end; where the installation is silent, those that it said last.
    pub records: f64,
    /// Records when the window of active use began.
    pub before: Option<f64>,
    /// When it was last said.
    pub last: Timestamp,
}

/// How many installations use one module in which way, at the slice's end.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleTally {
    /// The module's table.
    pub key: KeyOf,
    /// Those that use it actively.
    pub active: usize,
    /// Those that only have records.
    pub only_records: usize,
    /// Those where it is empty.
    pub empty: usize,
    /// Those that are too new to tell.
    pub too_new: usize,
    /// Those that had it and have fallen silent.
    pub silent: usize,
    /// All records, without those of silent installations.
    pub records: f64,
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

impl Use {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "active" => Some(Self::Active),
            "only-records" => Some(Self::OnlyRecords),
            "too-new" => Some(Self::TooNew),
            "empty" => Some(Self::Empty),
            "silent" => Some(Self::Silent),
            _ => None,
        }
    }
}

impl ColumnsReader {
    /// One module at every installation.
    pub fn module_uses(
        &self,
        slice: &Slice,
        key: &KeyOf,
        active_months: i32,
    ) -> Result<Vec<ModuleUse>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {HEARD}, {STANDING}, {STOOD}, {USES} {MODULE_USES}");
        let metrics = wanted(&[key.metric_of()]);
        let own: [(&str, &dyn duckdb::ToSql); 3] =
            [("wanted", &metrics), ("key", &key.key), ("active_months", &active_months)];
        self.rows(&sql, &wider(slice, active_months), &own, |row| {
            Ok(ModuleUse {
                name: row.get("name")?,
                customer: row.get("customer_key")?,
                customer_name: row.get("customer_name")?,
                kind: Use::parse(&row.get::<_, String>("use")?).unwrap_or(Use::TooNew),
                records: row.get("records")?,
                before: row.get("records_before")?,
                last: moment(row, "said_last")?,
            })
        })
    }

    /// How many installations use each module.
    pub fn module_tallies(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
        active_months: i32,
    ) -> Result<Vec<ModuleTally>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {HEARD}, {STANDING}, {STOOD}, {USES} {MODULE_TALLIES}");
        let own: [(&str, &dyn duckdb::ToSql); 2] =
            [("wanted", &wanted(metrics)), ("active_months", &active_months)];
        self.rows(&sql, &wider(slice, active_months), &own, |row| {
            Ok(ModuleTally {
                key: key_of(row)?,
                active: count(row, "active")?,
                only_records: count(row, "only_records")?,
                empty: count(row, "empty")?,
                too_new: count(row, "too_new")?,
                silent: count(row, "silent")?,
                records: row.get("records")?,
            })
        })
    }

    /// Modules month by month, each beside the month before; the first month of the slice has none before it.
    pub fn module_months(&self, slice: &Slice, metrics: &[MetricOf]) -> Result<Vec<ModuleMonth>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {CARRIED} {MODULE_MONTHS}");
        let held = self.rows(&sql, slice, &[("wanted", &wanted(metrics))], HeldRecords::read)?;
        let mut months = BTreeMap::new();
        held.iter().for_each(|held| held.add_to(&mut months));
        Ok(months.into_values().collect())
    }
}

/// The window of active use may begin before the slice does.
fn wider(slice: &Slice, active_months: i32) -> Slice {
    Slice { from: slice.from.min(slice.through.plus(-active_months)), ..slice.clone() }
}

/// Records of a module at the installations where they hold for the same months.
struct HeldRecords {
    key: KeyOf,
    from: Month,
    until: Month,
    /// Whether the module was known there in the month before as well, with `before` records.
    is_continued: bool,
    installations: usize,
    records: f64,
    before: f64,
}

impl HeldRecords {
    fn read(row: &Row<'_>) -> duckdb::Result<Self> {
        Ok(Self {
            key: key_of(row)?,
            from: Month::from_number(row.get("month_from")?),
            until: Month::from_number(row.get("month_until")?),
            is_continued: row.get("is_continued")?,
            installations: count(row, "installations")?,
            records: row.get("records")?,
            before: row.get("records_before")?,
        })
    }

    fn add_to(&self, months: &mut BTreeMap<(KeyOf, Month), ModuleMonth>) {
        for month in self.from.through(self.until.plus(-1)) {
            let key = &self.key;
            let sum = months.entry((key.clone(), month)).or_insert_with(|| ModuleMonth {
                key: key.clone(),
                month,
                records: 0.0,
                before: 0.0,
                installations: 0,
            });
            sum.installations += self.installations;
            if month > self.from {
                sum.records += self.records;
                sum.before += self.records;
            } else if self.is_continued {
                sum.records += self.records;
                sum.before += self.before;
            }
        }
    }
}
