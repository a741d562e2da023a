//! One group commit: the transaction that makes a batch of reports durable.
//!
//! SQLite is reached through a thread of its own, and each statement is a round trip to it; so a batch is written with as
//! few statements as it can be, and the statements come in few shapes, so that each is prepared once.

use std::collections::{BTreeMap, HashMap};

use candor_policy::OutcomeKind;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use uuid::Uuid;

use super::reports::{HELD_COLUMNS, HeldReport, NewReport, Submitted, read_held};
use super::{StoreError, moment};

/// Where the committer stands; only it writes batches.
pub(super) struct Committing {
    last_batch: i64,
    last_seq: i64,
}

impl Committing {
    /// Reads where the journal stands.
    pub(super) async fn resume(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let row = sqlx::query("SELECT coalesce(max(batch), 0), coalesce(max(last_seq), 0) FROM batches")
            .fetch_one(connection)
            .await?;
        Ok(Self { last_batch: row.try_get(0)?, last_seq: row.try_get(1)? })
    }

    /// The number of the last batch.
    pub(super) fn last_batch(&self) -> i64 {
        self.last_batch
    }
}

/// Writes reports in one transaction and says what became of each, in their order. On an error nothing is written.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    committing: &mut Committing,
    reports: &[NewReport],
    now: Timestamp,
) -> Result<Vec<Submitted>, StoreError> {
    let batch = committing.last_batch + 1;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut written = 0;
    for (chunk, sql) in chunks(reports, insert_statement) {
        written += insert(&mut transaction, chunk, sql, batch, now).await?;
    }
    let mut held = HashMap::new();
    if written < reports.len() as u64 {
        held = find_held(&mut transaction, reports, batch).await?;
    }
    let results = results(reports, held, now);
    let mut last_seq = committing.last_seq;
    if written > 0 {
        last_seq = close_batch(&mut transaction, batch, committing.last_seq, reports).await?;
    }
    let counts: Vec<_> = count_outcomes(reports, &results).into_iter().collect();
    for (chunk, sql) in chunks(&counts, count_statement) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for ((policy, metric, kind), count) in chunk {
            query = query.bind(policy).bind(metric).bind(kind.word()).bind(count);
        }
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    if written > 0 {
        *committing = Committing { last_batch: batch, last_seq };
    }
    Ok(results)
}

async fn insert(
    connection: &mut SqliteConnection,
    reports: &[NewReport],
    sql: String,
    batch: i64,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for report in reports {
        query = query
            .bind(report.report_id.as_bytes().as_slice())
            .bind(batch)
            .bind(report.installation)
            .bind(report.policy)
            .bind(moment(report.period_end))
            .bind(moment(now))
            .bind(report.received_digest.as_bytes().as_slice())
            .bind(report.stored_digest.as_bytes().as_slice())
            .bind(i64::try_from(report.accepted).unwrap_or(i64::MAX))
            .bind(report.outcomes_to_keep())
            .bind(report.address.as_deref())
            .bind(report.body.form)
            .bind(report.body.bytes.as_slice());
    }
    Ok(query.execute(connection).await?.rows_affected())
}

/// The reports of these names that are held, those of this very batch apart: name, and whether this batch wrote it.
async fn find_held(
    connection: &mut SqliteConnection,
    reports: &[NewReport],
    batch: i64,
) -> Result<HashMap<Uuid, (HeldReport, bool)>, StoreError> {
    let mut held = HashMap::new();
    for (chunk, sql) in chunks(reports, held_statement) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for report in chunk {
            query = query.bind(report.report_id.as_bytes().as_slice());
        }
        for row in query.fetch_all(&mut *connection).await? {
            let name = Uuid::from_slice(row.try_get("report_id")?)
                .map_err(|error| StoreError::Unreadable(error.to_string()))?;
            let is_new = row.try_get::<i64, _>("batch")? == batch;
            held.insert(name, (read_held(&row)?, is_new));
        }
    }
    Ok(held)
}

/// What became of each: the first of a name that this batch wrote is new, every other one is held.
fn results(
    reports: &[NewReport],
    mut held: HashMap<Uuid, (HeldReport, bool)>,
    now: Timestamp,
) -> Vec<Submitted> {
    reports
        .iter()
        .map(|report| match held.get_mut(&report.report_id) {
            None => Submitted::Written { received_at: now },
            Some((held, is_new)) => match std::mem::take(is_new) {
                true => Submitted::Written { received_at: now },
                false => Submitted::Held(Box::new(held.clone())),
            },
        })
        .collect()
}

/// Records which reports the batch is, and returns the last one's number.
async fn close_batch(
    connection: &mut SqliteConnection,
    batch: i64,
    after: i64,
    reports: &[NewReport],
) -> Result<i64, StoreError> {
    let size_bytes: usize = reports.iter().map(|report| report.body.plain_bytes).sum();
    let row = sqlx::query(
        "INSERT INTO batches (batch, first_seq, last_seq, size_bytes) \
         SELECT ?1, min(seq), max(seq), ?2 FROM reports WHERE seq > ?3 RETURNING last_seq",
    )
    .bind(batch)
    .bind(i64::try_from(size_bytes).unwrap_or(i64::MAX))
    .bind(after)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get(0)?)
}

/// Outcomes by policy version, metric ('' where none is named) and kind.
fn count_outcomes<'a>(
    reports: &'a [NewReport],
    results: &[Submitted],
) -> BTreeMap<(i64, &'a str, OutcomeKind), i64> {
    let mut counts = BTreeMap::new();
    let mut add = |policy, metric: &'a str, kind, count: u64| {
        if count > 0 {
            let known: &mut i64 = counts.entry((policy, metric, kind)).or_default();
            *known = known.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
        }
    };
    for (report, result) in reports.iter().zip(results) {
        if matches!(result, Submitted::Held(_)) {
            add(report.policy, "", OutcomeKind::Duplicate, 1);
            continue;
        }
        add(report.policy, "", OutcomeKind::Accepted, report.accepted);
        for outcome in &report.outcomes {
            let metric = outcome.metric.as_ref().map_or("", |metric| metric.as_str());
            add(report.policy, metric, outcome.kind, outcome.count);
        }
    }
    counts
}

/// Cuts a slice into chunks whose lengths are powers of two, the largest first, each with its statement: few shapes, so
/// that SQLite keeps them all prepared.
fn chunks<T>(mut rest: &[T], statement: fn(usize) -> String) -> Vec<(&[T], String)> {
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let length = 1 << rest.len().ilog2();
        let (chunk, after) = rest.split_at(length);
        chunks.push((chunk, statement(length)));
        rest = after;
    }
    chunks
}

fn insert_statement(rows: usize) -> String {
    format!(
        "INSERT INTO reports (report_id, batch, installation, policy, period_end, received_at, received_digest, \
         stored_digest, accepted, outcomes, address, body_form, body) VALUES {} \
         ON CONFLICT (report_id) DO NOTHING",
        repeated("(?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    )
}

fn held_statement(names: usize) -> String {
    format!("SELECT {HELD_COLUMNS} FROM reports WHERE report_id IN ({})", repeated("?", names))
}

fn count_statement(rows: usize) -> String {
    format!(
        "INSERT INTO outcomes (policy, metric, kind, count) VALUES {} \
         ON CONFLICT (policy, metric, kind) DO UPDATE SET count = count + excluded.count",
        repeated("(?,?,?,?)", rows)
    )
}

fn repeated(group: &str, times: usize) -> String {
    vec![group; times].join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_in_few_shapes() {
        let items = [(); 203];
        let lengths: Vec<_> =
            chunks(&items, |length| length.to_string()).into_iter().map(|(chunk, _)| chunk.len()).collect();
        assert_eq!(lengths, [128, 64, 8, 2, 1]);
    }
}
