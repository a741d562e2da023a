//! How settings are set.

use duckdb::Connection;

use super::keys::wanted;
use super::{BASE, COUNTING, KeyOf, MetricOf, NEWEST, Slice, WANTED, count, rows};

const SETTING_VALUES: &str = include_str!("queries/settings.setting_values.sql");

/// One value of one setting, and how many installations have it.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingValue {
    /// The setting.
    pub key: KeyOf,
    /// `value`, `unset`, `in-use`, `hash` or `bucket`.
    pub state: String,
    /// The value as text.
    pub text: Option<String>,
    /// The value as a number.
    pub number: Option<f64>,
    /// How many installations.
    pub installations: usize,
}

/// Which settings are asked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What their keys contain, in either case.
    pub contains: Option<String>,
    /// The one key.
    pub key: Option<String>,
}

/// The values of settings at the slice's end.
pub fn setting_values(
    connection: &Connection,
    slice: &Slice,
    metrics: &[MetricOf],
    search: &Search,
) -> duckdb::Result<Vec<SettingValue>> {
    let sql = format!("WITH {WANTED}, {BASE}, {COUNTING}, {NEWEST} {SETTING_VALUES}");
    let own: [(&str, &dyn duckdb::ToSql); 3] =
        [("wanted", &wanted(metrics)), ("search", &search.contains), ("key", &search.key)];
    rows(connection, &sql, slice, &own, |row| {
        Ok(SettingValue {
            key: KeyOf { policy: row.get(0)?, metric: row.get(1)?, key: row.get(2)? },
            state: row.get(3)?,
            text: row.get(4)?,
            number: row.get(5)?,
            installations: count(row, 6)?,
        })
    })
}
