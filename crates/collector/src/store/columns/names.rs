//! What states are of, by number: so that rows are narrow, and pages group by a number. New ones are written with the rows that
//! first need them.

use std::collections::HashMap;
use std::sync::Arc;

use duckdb::{Connection, Transaction, params};

use crate::store::states::Metric;

/// A metric's key; none: the whole metric.
pub(super) type Key = Option<Arc<str>>;

/// All names, in both directions.
pub(super) struct Names {
    numbers: HashMap<Metric, HashMap<Key, i32>>,
    names: HashMap<i32, (Metric, Key)>,
    next: i32,
    new: Vec<i32>,
}

impl Names {
    /// Reads them from the columns.
    pub(super) fn read(connection: &Connection) -> duckdb::Result<Self> {
        let mut found = Self { numbers: HashMap::new(), names: HashMap::new(), next: 1, new: Vec::new() };
        let mut select = connection.prepare("SELECT name, policy, metric, key FROM names")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let metric = Metric { policy: row.get("policy")?, metric: row.get("metric")? };
            found.add(row.get("name")?, metric, row.get("key")?);
        }
        Ok(found)
    }

    /// The name with this number.
    pub(super) fn name(&self, number: i32) -> Option<&(Metric, Key)> {
        self.names.get(&number)
    }

    /// The number of this name.
    pub(super) fn number(&mut self, metric: &Metric, key: &Key) -> i32 {
        if let Some(number) = self.numbers.get(metric).and_then(|keys| keys.get(key)) {
            return *number;
        }
        let number = self.next;
        self.new.push(number);
        self.add(number, metric.clone(), key.clone());
        number
    }

    fn add(&mut self, number: i32, metric: Metric, key: Key) {
        self.next = self.next.max(number + 1);
        self.numbers.entry(metric.clone()).or_default().insert(key.clone(), number);
        self.names.insert(number, (metric, key));
    }

    /// Writes the new ones.
    pub(super) fn write(&mut self, transaction: &Transaction<'_>) -> duckdb::Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        let mut rows = transaction.appender("names")?;
        for number in self.new.drain(..) {
            if let Some((metric, key)) = self.names.get(&number) {
                rows.append_row(params![number, &*metric.policy, &*metric.metric, key.as_deref()])?;
            }
        }
        rows.flush()
    }
}
