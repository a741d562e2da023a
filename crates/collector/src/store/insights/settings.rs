//! How settings are set.

use super::keys::wanted;
use super::reader::{count, key_of};
use super::{BASE, ColumnsReader, KeyOf, MetricOf, STANDING, Slice, WANTED};
use crate::store::StoreError;

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

impl ColumnsReader {
    /// The values of settings at the slice's end.
    pub fn setting_values(
        &self,
        slice: &Slice,
        metrics: &[MetricOf],
        search: &Search,
    ) -> Result<Vec<SettingValue>, StoreError> {
        let sql = format!("WITH {WANTED}, {BASE}, {STANDING} {SETTING_VALUES}");
        let own: [(&str, &dyn duckdb::ToSql); 3] =
            [("wanted", &wanted(metrics)), ("search", &search.contains), ("key", &search.key)];
        self.rows(&sql, slice, &own, |row| {
            Ok(SettingValue {
                key: key_of(row)?,
                state: row.get("state")?,
                text: row.get("text")?,
                number: row.get("number")?,
                installations: count(row, "installations")?,
            })
        })
    }
}
