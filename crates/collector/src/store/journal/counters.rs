//! Counts of what no report in the journal carries (law 7): refusals by code, and reports that came again.

use std::collections::BTreeMap;

use candor_policy::{OutcomeKind, ProblemCode};
use rusqlite::Transaction;

use super::{Journal, StoreError};

/// Under which word repeated reports are counted beside the problem codes.
pub(super) const REPEATED: &str = OutcomeKind::Duplicate.word();

/// How often requests came to something other than a new report, since the collector first started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// Refused, by the word of their [`ProblemCode`].
    pub refused: BTreeMap<String, u64>,
    /// Reports that the journal held already.
    pub repeated: u64,
}

/// Counts in the journal.
#[derive(Clone, Copy)]
pub struct Counters<'a>(pub(in crate::store) &'a Journal);

impl Counters<'_> {
    /// Reads all counts.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn requests(&self) -> Result<RequestCounts, StoreError> {
        let requests = |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached("SELECT code, count FROM request_counts")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
            let mut refused: BTreeMap<String, u64> = rows.collect::<Result<_, _>>()?;
            let repeated = refused.remove(REPEATED).unwrap_or_default();
            Ok(RequestCounts { refused, repeated })
        };
        self.0.connections.read(requests).await
    }

    /// Adds refusals that were answered since the last call.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; then none is added.
    pub async fn add_refusals(&self, refusals: &[(ProblemCode, u64)]) -> Result<(), StoreError> {
        let refusals = refusals.to_vec();
        let add = move |writer: &Transaction<'_>| {
            let mut add = writer.prepare_cached(include_str!("../queries/counters.add.sql"))?;
            for (code, count) in refusals {
                add.execute((code.word(), i64::try_from(count).unwrap_or(i64::MAX)))?;
            }
            Ok(())
        };
        self.0.connections.write(add).await
    }
}
