//! What the projector reads: the journal's batches in order, each the same rows whenever it is read.

use candor_policy::{InstallationId, Outcome, PolicyId};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tokio::sync::watch;
use uuid::Uuid;

use super::reports::{Body, read_outcomes};
use super::{Journal, StoreError, read_moment};

/// One group commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its number, from 1, without gaps.
    pub batch: i64,
    /// Its first report.
    pub first_seq: i64,
    /// Its last report.
    pub last_seq: i64,
    /// The bytes of its bodies as JSON, decompressed.
    pub size_bytes: i64,
}

/// A report as the projector reads it.
#[derive(Clone, Debug)]
pub struct JournalReport {
    /// Its place in the journal.
    pub seq: i64,
    /// Its own name.
    pub report_id: Uuid,
    /// The installation's number.
    pub installation: i64,
    /// The installation's name.
    pub installation_name: InstallationId,
    /// The policy version's number.
    pub policy: i64,
    /// The policy's name.
    pub policy_id: PolicyId,
    /// When it was made durable.
    pub received_at: Timestamp,
    /// The public address, where its policy declares it.
    pub address: Option<String>,
    /// How many values were accepted as they came.
    pub accepted: u64,
    /// What became of the others.
    pub outcomes: Vec<Outcome>,
    /// The admitted JSON.
    pub json: Vec<u8>,
}

impl Journal {
    /// The last batch, and word of each later one.
    pub(in crate::store) fn last_batch(&self) -> watch::Receiver<i64> {
        self.committer.last_batch()
    }

    /// How many reports wait for a commit.
    pub(in crate::store) fn waiting(&self) -> usize {
        self.committer.waiting()
    }

    /// Whether reports are made durable, as far as is known.
    pub(in crate::store) fn is_ready(&self, now: Timestamp) -> bool {
        self.committer.is_ready(now)
    }

    /// The batch of this number.
    pub(in crate::store) async fn batch(&self, batch: i64) -> Result<Option<Batch>, StoreError> {
        let row = sqlx::query("SELECT batch, first_seq, last_seq, size_bytes FROM batches WHERE batch = ?")
            .bind(batch)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| read_batch(&row)).transpose()
    }

    /// The batches after one, in order, at most `limit`.
    pub(in crate::store) async fn batches_after(
        &self,
        batch: i64,
        limit: i64,
    ) -> Result<Vec<Batch>, StoreError> {
        let rows = sqlx::query(
            "SELECT batch, first_seq, last_seq, size_bytes FROM batches WHERE batch > ? ORDER BY batch LIMIT ?",
        )
        .bind(batch)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_batch).collect()
    }

    /// The reports of a span, in order; an error stands in the place of one that cannot be read.
    pub(in crate::store) async fn reports(
        &self,
        first_seq: i64,
        last_seq: i64,
    ) -> Result<Vec<Result<JournalReport, StoreError>>, StoreError> {
        let rows = sqlx::query(include_str!("../queries/following.reports.sql"))
            .bind(first_seq)
            .bind(last_seq)
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.iter().map(|row| read_report(row).map_err(|error| unreadable(row, &error))).collect())
    }
}

fn read_batch(row: &SqliteRow) -> Result<Batch, StoreError> {
    Ok(Batch {
        batch: row.try_get(0)?,
        first_seq: row.try_get(1)?,
        last_seq: row.try_get(2)?,
        size_bytes: row.try_get(3)?,
    })
}

/// The fault of one report, which stays what it is however often it is read.
fn unreadable(row: &SqliteRow, error: &StoreError) -> StoreError {
    let seq: i64 = row.try_get("seq").unwrap_or_default();
    StoreError::Unreadable(format!("report number {seq}: {error}"))
}

fn read_report(row: &SqliteRow) -> Result<JournalReport, StoreError> {
    let name: &str = row.try_get("installation_name")?;
    let policy_id: &str = row.try_get("policy_id")?;
    Ok(JournalReport {
        seq: row.try_get("seq")?,
        report_id: Uuid::from_slice(row.try_get("report_id")?)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?,
        installation: row.try_get("installation")?,
        installation_name: InstallationId::parse(name)
            .ok_or_else(|| StoreError::Unreadable(format!("`{name}` is no installation's name")))?,
        policy: row.try_get("policy")?,
        policy_id: PolicyId::parse(policy_id)
            .ok_or_else(|| StoreError::Unreadable(format!("`{policy_id}` is no policy's name")))?,
        received_at: read_moment(row.try_get("received_at")?)?,
        address: row.try_get("address")?,
        accepted: row.try_get::<i64, _>("accepted")?.unsigned_abs(),
        outcomes: read_outcomes(row.try_get("outcomes")?)?,
        json: Body::read(row.try_get("body_form")?, row.try_get("body")?)?,
    })
}
