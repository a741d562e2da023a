//! Tables of options: one row of many columns, each column a setting with the key `TABLE.COLUMN`.

use std::collections::BTreeMap;

use candor_policy::{Entry, KeyPattern};

use super::keyed::Rules;
use crate::database::{Column, Connection, Failure, Table, is_folded};

/// Reads one table of options. A table without a row yet has all its options unset.
pub(super) async fn read(
    connection: &mut Connection,
    (table, name, pattern): (&Table, &str, &KeyPattern),
    rules: &Rules<'_>,
    entries: &mut BTreeMap<String, Entry>,
) -> Result<(), Failure> {
    let columns = connection.columns(table).await?;
    let keyed: Vec<(String, Column)> = columns
        .into_iter()
        .map(|column| (key(name, &column.name, pattern), column))
        .filter(|(key, _)| rules.allow_reading(key))
        .collect();
    if keyed.is_empty() {
        return Ok(());
    }
    let (keys, columns): (Vec<String>, Vec<Column>) = keyed.into_iter().unzip();
    let row = connection.only_row(table, &columns).await?;
    let values = row.unwrap_or_else(|| vec![Entry::Unset; keys.len()]);
    // A column's name is the vendor's own and reveals nothing of the site.
    for (key, value) in keys.into_iter().zip(values) {
        rules.put(entries, key, value);
    }
    Ok(())
}

/// `TABLE.COLUMN`; a column's name that the database folded to lower case takes the policy's case, as its table's does.
fn key(table: &str, column: &str, pattern: &KeyPattern) -> String {
    if is_folded(column, pattern) {
        format!("{table}.{}", column.to_uppercase())
    } else {
        format!("{table}.{column}")
    }
}
