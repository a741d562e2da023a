//! Counts of what was not kept as it came (law 7): outcomes by metric, refusals by code.

use std::collections::BTreeMap;

use candor_policy::{PolicyId, ProblemCode};
use rusqlite::{Row, Transaction};

use super::connections::Turn;
use super::counting::Counts;
use super::{Journal, StoreError};

/// How often an outcome happened under one policy, over all its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The policy.
    pub policy: PolicyId,
    /// The metric, where the policy declares one.
    pub metric: Option<String>,
    /// A word of [`candor_policy::OutcomeKind`].
    pub kind: String,
    /// How many values; for duplicates, reports.
    pub count: u64,
}

/// Counts in the journal.
#[derive(Clone, Copy)]
pub struct Counters<'a>(pub(in crate::store) &'a Journal);

impl Counters<'_> {
    /// Outcomes by policy, metric and kind, the latest included.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn outcomes(&self) -> Result<Vec<OutcomeCount>, StoreError> {
        self.keep_outcomes().await?;
        let outcomes = |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached(include_str!("../queries/counters.outcomes.sql"))?;
            select.query_and_then([], read)?.collect()
        };
        self.0.connections.read(outcomes).await
    }

    /// Refusals by code.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn refusals(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let refusals = |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached("SELECT code, count FROM refusals ORDER BY code")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.0.connections.read(refusals).await
    }

    /// Writes the outcomes that were counted since the last call.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; then they wait for the next call.
    pub async fn keep_outcomes(&self) -> Result<(), StoreError> {
        let journal = self.0.clone();
        let keep = move |mut turn: Turn| {
            // Whoever has the turn takes what is counted: so the mark moves in order.
            let counting = &journal.standing.counting;
            let counts = counting.take();
            if counts.by.is_empty() {
                return Ok(());
            }
            let written = turn.transaction(|writer| Ok(write_outcomes(writer, &counts)?));
            if written.is_err() {
                counting.put_back(counts);
            }
            written
        };
        self.0.connections.with_turn(keep).await
    }

    /// Adds refusals that were answered since the last call.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; then none is added.
    pub async fn add_refusals(&self, refusals: &[(ProblemCode, u64)]) -> Result<(), StoreError> {
        let refusals = refusals.to_vec();
        let add = move |writer: &Transaction<'_>| {
            let mut add = writer.prepare_cached(
                "INSERT INTO refusals (code, count) VALUES ($1, $2) \
                 ON CONFLICT (code) DO UPDATE SET count = refusals.count + excluded.count",
            )?;
            for (code, count) in refusals {
                add.execute((code.word(), i64::try_from(count).unwrap_or(i64::MAX)))?;
            }
            Ok(())
        };
        self.0.connections.write(add).await
    }
}

fn read(row: &Row<'_>) -> Result<OutcomeCount, StoreError> {
    let (id, metric): (String, String) = (row.get("id")?, row.get("metric")?);
    Ok(OutcomeCount {
        policy: PolicyId::parse(&id)
            .ok_or_else(|| StoreError::Unreadable(format!("`{id}` is not a valid policy id")))?,
        metric: (!metric.is_empty()).then_some(metric),
        kind: row.get("kind")?,
        count: row.get::<_, i64>("count")?.unsigned_abs(),
    })
}

fn write_outcomes(writer: &Transaction<'_>, counts: &Counts) -> rusqlite::Result<()> {
    let mut add = writer.prepare_cached(
        "INSERT INTO outcomes (policy, metric, kind, count) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (policy, metric, kind) DO UPDATE SET count = outcomes.count + excluded.count",
    )?;
    for ((policy, metric, kind), count) in &counts.by {
        add.execute((policy, metric, kind.word(), count))?;
    }
    writer.execute("UPDATE counted SET last_seq = $1 WHERE last_seq < $1", [counts.last_seq])?;
    Ok(())
}
