//! Counts of what was not kept as it came (law 7): outcomes by metric, refusals by code.

use std::collections::BTreeMap;

use candor_policy::{PolicyId, ProblemCode};
use sqlx::{Connection, Row, SqliteConnection};

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
        let rows =
            sqlx::query(include_str!("../queries/counters.outcomes.sql")).fetch_all(&self.0.readers).await?;
        rows.iter()
            .map(|row| {
                let id: &str = row.try_get("id")?;
                let metric: String = row.try_get("metric")?;
                Ok(OutcomeCount {
                    policy: PolicyId::parse(id)
                        .ok_or_else(|| StoreError::Unreadable(format!("`{id}` is no policy's name")))?,
                    metric: (!metric.is_empty()).then_some(metric),
                    kind: row.try_get("kind")?,
                    count: row.try_get::<i64, _>("count")?.unsigned_abs(),
                })
            })
            .collect()
    }

    /// Refusals by code.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn refusals(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows =
            sqlx::query("SELECT code, count FROM refusals ORDER BY code").fetch_all(&self.0.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs()))).collect()
    }

    /// Writes the outcomes that were counted since the last call.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; then they wait for the next call.
    pub async fn keep_outcomes(&self) -> Result<(), StoreError> {
        // On a task of its own: a reader who goes away must not take along what is neither here nor there at that moment.
        let keeping = tokio::spawn(keep_outcomes(self.0.clone()));
        keeping.await.map_err(|_| StoreError::Closing)?
    }

    /// Adds refusals that were answered since the last call.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; then none is added.
    pub async fn add_refusals(&self, refusals: &[(ProblemCode, u64)]) -> Result<(), StoreError> {
        let mut writer = self.0.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        for (code, count) in refusals {
            sqlx::query(
                "INSERT INTO refusals (code, count) VALUES (?, ?) \
                 ON CONFLICT (code) DO UPDATE SET count = count + excluded.count",
            )
            .bind(code.word())
            .bind(i64::try_from(*count).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn keep_outcomes(journal: Journal) -> Result<(), StoreError> {
    let counting = &journal.standing.counting;
    // Whoever has the turn takes what is counted: so the mark moves in order.
    let mut writer = journal.writer.lock().await;
    let counts = counting.take();
    if counts.by.is_empty() {
        return Ok(());
    }
    let written = write_outcomes(&mut writer, &counts).await;
    if written.is_err() {
        counting.put_back(counts);
    }
    written
}

async fn write_outcomes(writer: &mut SqliteConnection, counts: &Counts) -> Result<(), StoreError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    for ((policy, metric, kind), count) in &counts.by {
        sqlx::query(
            "INSERT INTO outcomes (policy, metric, kind, count) VALUES (?, ?, ?, ?) \
             ON CONFLICT (policy, metric, kind) DO UPDATE SET count = count + excluded.count",
        )
        .bind(policy)
        .bind(metric)
        .bind(kind.word())
        .bind(count)
        .execute(&mut *transaction)
        .await?;
    }
    sqlx::query("UPDATE counted SET last_seq = max(last_seq, ?)")
        .bind(counts.last_seq)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}
