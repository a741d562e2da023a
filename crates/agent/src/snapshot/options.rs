//! Tables of options: one row of many columns, each column a setting with the key `TABLE.COLUMN`.

use std::collections::BTreeMap;

use candor_policy::{Entry, KeyPattern, Reason};

use super::keyed::Rules;
use super::names::reveals;
use crate::database::{Column, Connection, Failure, Table, is_folded};

/// Reads one table of options. A table without a row yet has all its options unset. What comes back is what is missing of it: one
/// column that may not be read, or whose name reveals something, costs that column.
pub(super) async fn read(
    connection: &mut Connection,
    (table, name, pattern): (&Table, &str, &KeyPattern),
    rules: &Rules<'_>,
    entries: &mut BTreeMap<String, Entry>,
) -> Result<Vec<Failure>, Failure> {
    let columns = connection.columns(table).await?;
    let wanted = columns
        .into_iter()
        .map(|column| (key(name, &column.name, pattern), column))
        .filter(|(key, _)| rules.allow_reading(key));
    let (revealing, wanted): (Vec<_>, Vec<_>) = wanted.partition(|(_, column)| reveals(&column.name));
    let (readable, closed): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(_, column)| column.may_be_read);
    let mut missing = Vec::new();
    if !revealing.is_empty() {
        let what = "column(s) whose names hold an address, a path or a secret; they were left out";
        missing.push(failed(table, Reason::Failed, revealing.len(), what));
    }
    if !closed.is_empty() {
        let what = "column(s) that the login may not read; grant SELECT on them to it";
        missing.push(failed(table, Reason::AccessDenied, closed.len(), what));
    }
    if readable.is_empty() {
        return Ok(missing);
    }
    let (keys, columns): (Vec<String>, Vec<Column>) = readable.into_iter().unzip();
    let row = connection.only_row(table, &columns).await?;
    let values = row.unwrap_or_else(|| vec![Entry::Unset; keys.len()]);
    let put = keys.into_iter().zip(values).map(|(key, value)| rules.put(entries, key, value));
    let revealing = put.filter(|is_put| !is_put).count();
    if revealing > 0 {
        let what = "option(s) whose names the policy's detectors leave out";
        missing.push(failed(table, Reason::Failed, revealing, what));
    }
    Ok(missing)
}

fn failed(table: &Table, reason: Reason, number: usize, what: &str) -> Failure {
    Failure::new(reason, format!("{} holds {number} {what}", table.name))
}

/// `TABLE.COLUMN`; a column's name that the database folded to lower case takes the policy's case, as its table's does.
fn key(table: &str, column: &str, pattern: &KeyPattern) -> String {
    if is_folded(column, pattern) {
        format!("{table}.{}", column.to_uppercase())
    } else {
        format!("{table}.{column}")
    }
}
