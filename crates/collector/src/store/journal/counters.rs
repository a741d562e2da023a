//! Counts of what was not kept as it came (law 7): outcomes by metric, refusals by code.

use std::collections::BTreeMap;

use candor_policy::{PolicyId, ProblemCode};
use sqlx::{Connection, Row};

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
    /// Outcomes by policy, metric and kind.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn outcomes(&self) -> Result<Vec<OutcomeCount>, StoreError> {
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
