//! Tables of names and values: the names first, then the values of those that may be read, and of no others.

use std::collections::BTreeMap;

use candor_policy::{Entry, KeyPattern, Reason};

use super::keyed::Rules;
use crate::database::{Column, Connection, Failure, Table, limits};

/// Reads a table of names and values. What comes back beside the entries is what is missing of them.
pub(super) async fn read(
    connection: &mut Connection,
    table: &Table,
    (key_column, value_column): (&str, &str),
    rules: &Rules<'_>,
) -> Result<(BTreeMap<String, Entry>, Vec<Failure>), Failure> {
    let columns = connection.columns(table).await?;
    let names = column(&columns, table, key_column)?;
    let values = column(&columns, table, value_column)?;
    let mut missing = Vec::new();
    let mut wanted = connection.setting_names(table, names).await?;
    if wanted.len() > limits::SETTING_ROWS {
        let most = limits::SETTING_ROWS;
        missing.push(failed(table, format!("holds more than {most} settings; the first were read")));
        wanted.truncate(most);
    }
    let unnamed = connection.unnamed_settings(table, names).await?;
    if unnamed > 0 {
        missing.push(failed(
            table,
            format!("holds {unnamed} setting(s) without a name that is text; they were left out"),
        ));
    }
    wanted.retain(|name| rules.allow_reading(name.trim()));
    let mut found: BTreeMap<String, Option<Entry>> = BTreeMap::new();
    for row in connection.settings(table, (names, values), &wanted).await? {
        // The same name with two values: which of them holds is not ours to guess.
        let is_other = |known: &Option<Entry>| known.as_ref() != Some(&row.value);
        match found.get_mut(&row.name) {
            Some(known) if is_other(known) => *known = None,
            Some(_) => {}
            None => drop(found.insert(row.name, Some(row.value))),
        }
    }
    let unread = wanted.iter().filter(|name| !found.contains_key(name.trim())).count();
    if unread > 0 {
        let what = "whose names are not text, or that were changed meanwhile; they were left out";
        missing.push(failed(table, format!("holds {unread} setting(s) {what}")));
    }
    let mut entries = BTreeMap::new();
    let (mut twice, mut revealing) = (0, 0);
    for (name, value) in found {
        match value {
            Some(value) => revealing += usize::from(!rules.put(&mut entries, name, value)),
            None => twice += 1,
        }
    }
    if revealing > 0 {
        let what = "whose names hold an address, a path or a secret; they were left out";
        missing.push(failed(table, format!("holds {revealing} setting(s) {what}")));
    }
    if twice > 0 {
        missing
            .push(failed(table, format!("holds {twice} setting(s) more than once, with different values")));
    }
    Ok((entries, missing))
}

/// The column of this name, letters in either case.
pub(super) fn column<'a>(columns: &'a [Column], table: &Table, name: &str) -> Result<&'a Column, Failure> {
    let exact = columns.iter().find(|column| column.name == name);
    exact.or_else(|| columns.iter().find(|column| KeyPattern::new(name).matches(&column.name))).ok_or_else(
        || {
            let table = &table.name;
            let advice = "this version of the product may not have it yet; tell the vendor";
            Failure::new(Reason::ColumnMissing, format!("{table} has no column {name}; {advice}"))
        },
    )
}

fn failed(table: &Table, what: String) -> Failure {
    Failure::new(Reason::Failed, format!("{} {what}", table.name))
}
