//! The door to the columns: a reader is asked named questions and answers with plain rows. How they are stored stays inside.

use duckdb::{Connection, Row, ToSql};
use jiff::Timestamp;

use super::{KeyOf, MetricOf, Month, Slice, days_before};
use crate::store::StoreError;

/// Reads the columns as they were when its first question was asked. Each file of this folder gives it the questions on one
/// subject.
pub struct ColumnsReader {
    connection: Connection,
}

/// A statement's own values, by name.
pub(super) type Named<'a> = [(&'a str, &'a dyn ToSql)];

impl ColumnsReader {
    pub(in crate::store) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Runs a statement over a slice: the slice's values are bound where the statement names them.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        slice: &Slice,
        own: &Named<'_>,
        read: impl FnMut(&Row<'_>) -> duckdb::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let (from, through) = (slice.from.number(), slice.through.number());
        let at = timestamp(slice.at);
        let heard_since = timestamp(days_before(slice.at, slice.silence_days));
        let vouched = slice.vouched.join(" ");
        let of_slice: [(&str, &dyn ToSql); 10] = [
            ("from", &from),
            ("through", &through),
            ("at", &at),
            ("heard_since", &heard_since),
            ("silence_days", &slice.silence_days),
            ("product", &slice.product),
            ("version", &slice.version),
            ("customer", &slice.customer),
            ("vouched", &vouched),
            ("unverified", &slice.unverified),
        ];
        let named: Vec<(&str, &dyn ToSql)> =
            of_slice.iter().chain(own).copied().filter(|(name, _)| names(sql, name)).collect();
        let mut statement = self.connection.prepare(sql)?;
        Ok(statement.query_map(named.as_slice(), read)?.collect::<duckdb::Result<_>>()?)
    }

    /// The rows of any statement, each cell as text. Only for tests of what the columns hold: everybody else asks a question
    /// that has a name.
    #[doc(hidden)]
    pub fn rows_as_text(&self, sql: &str) -> Result<Vec<Vec<String>>, StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut texts = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = (0..row.as_ref().column_count()).map(|place| row.get(place).map(|cell| text(&cell)));
            texts.push(cells.collect::<duckdb::Result<_>>()?);
        }
        Ok(texts)
    }
}

fn text(cell: &duckdb::types::Value) -> String {
    use duckdb::types::Value;
    match cell {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => text.clone(),
        Value::BigInt(number) => number.to_string(),
        Value::Int(number) => number.to_string(),
        Value::HugeInt(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// Whether a statement has a parameter of this name; binding any other is an error.
fn names(sql: &str, name: &str) -> bool {
    sql.match_indices('$').any(|(place, _)| {
        sql[place + 1..]
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
    })
}

/// A moment as DuckDB reads it.
fn timestamp(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
}

/// A column of microseconds since 1970.
pub(super) fn moment(row: &Row<'_>, column: &str) -> duckdb::Result<Timestamp> {
    let microseconds: i64 = row.get(column)?;
    Ok(Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The column `month_number`.
pub(super) fn month(row: &Row<'_>) -> duckdb::Result<Month> {
    row.get("month_number").map(Month::from_number)
}

/// A column of counts.
pub(super) fn count(row: &Row<'_>, column: &str) -> duckdb::Result<usize> {
    let number: i64 = row.get(column)?;
    Ok(usize::try_from(number).unwrap_or_default())
}

/// The columns `policy` and `metric`.
pub(super) fn metric_of(row: &Row<'_>) -> duckdb::Result<MetricOf> {
    Ok(MetricOf { policy: row.get("policy")?, metric: row.get("metric")? })
}

/// The columns `policy`, `metric` and `key`.
pub(super) fn key_of(row: &Row<'_>) -> duckdb::Result<KeyOf> {
    Ok(KeyOf { policy: row.get("policy")?, metric: row.get("metric")?, key: row.get("key")? })
}
