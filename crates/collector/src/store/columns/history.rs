//! All reports of the touched installations, read back from the columns as what states are computed from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use duckdb::Connection;
use duckdb::types::ValueRef;

use super::state_rows::read_word;
use crate::store::StoreError;
use crate::store::states::{Fact, Heard, Metric, Order, Word};

/// The reports of each touched installation.
pub(super) fn read(connection: &Connection) -> Result<HashMap<i64, Vec<Heard>>, StoreError> {
    let mut texts = Texts::default();
    let mut reports = read_reports(connection, &mut texts)?;
    read_words(connection, &mut reports, &mut texts)?;
    let mut found: HashMap<i64, Vec<Heard>> = HashMap::new();
    for (installation, report) in reports.into_values() {
        found.entry(installation).or_default().push(report);
    }
    Ok(found)
}

fn read_reports(
    connection: &Connection,
    texts: &mut Texts,
) -> Result<HashMap<i64, (i64, Heard)>, StoreError> {
    let mut select = connection.prepare(
        "SELECT installation, seq, epoch_us(period_end), year(month) * 12 + month(month) - 1, policy, application, version
         FROM reports
         WHERE installation IN (SELECT installation FROM touched)",
    )?;
    let mut rows = select.query([])?;
    let mut found = HashMap::new();
    while let Some(row) = rows.next()? {
        let order = Order { seq: row.get(1)?, end: row.get(2)?, month: row.get::<_, i64>(3)? as i32 };
        let mut text = |column: usize| -> Result<Arc<str>, StoreError> {
            Ok(texts.shared(row.get_ref(column)?.as_str().map_err(unreadable)?))
        };
        let heard = Heard {
            order,
            policy: text(4)?,
            application: text(5)?,
            version: text(6)?,
            words: BTreeMap::new(),
        };
        found.insert(order.seq, (row.get(0)?, heard));
    }
    Ok(found)
}

fn read_words(
    connection: &Connection,
    reports: &mut HashMap<i64, (i64, Heard)>,
    texts: &mut Texts,
) -> Result<(), StoreError> {
    let mut select = connection.prepare(
        "SELECT seq, metric, key, state, text, number FROM facts
         WHERE installation IN (SELECT installation FROM touched)",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let Some((_, report)) = reports.get_mut(&seq) else {
            return Err(StoreError::Unreadable(format!("facts of report number {seq}, which is not there")));
        };
        let metric = texts.shared(row.get_ref(1)?.as_str().map_err(unreadable)?);
        let key = match row.get_ref(2)? {
            ValueRef::Null => None,
            key => Some(texts.shared(key.as_str().map_err(unreadable)?)),
        };
        let fact = Fact { state: read_word(row, 3)?, text: row.get(4)?, number: row.get(5)? };
        let metric = Metric { policy: report.policy.clone(), metric };
        report.words.entry(metric).or_default().push(Word { key, fact });
    }
    Ok(())
}

fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable(error.to_string())
}

/// Texts that come again and again, held once.
#[derive(Default)]
struct Texts(HashSet<Arc<str>>);

impl Texts {
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.0.insert(text.clone());
        text
    }
}
