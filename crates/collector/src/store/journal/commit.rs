//! One group commit: the transaction that makes a batch of reports durable.

use candor_policy::Digest;
use jiff::Timestamp;
use rusqlite::{Connection, Statement, Transaction};
use uuid::Uuid;

use super::counters::REPEATED;
use super::reports::{NewReport, StoredReport, Submitted, read_outcomes};
use super::{StoreError, moment, read_32, read_moment};

/// Where the journal ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// The last batch.
    pub batch: i64,
    /// The last report.
    pub seq: i64,
}

impl End {
    /// Reads where the journal ends.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut last =
            connection.prepare_cached("SELECT batch, seq FROM reports ORDER BY seq DESC LIMIT 1")?;
        let mut rows = last.query_map([], |row| Ok(Self { batch: row.get(0)?, seq: row.get(1)? }))?;
        rows.next().transpose().map(Option::unwrap_or_default)
    }
}

/// Writes reports after `end` and says what became of each, in their order, and where the journal ends once the transaction
/// is committed.
pub(super) fn commit(
    transaction: &Transaction<'_>,
    end: End,
    reports: &[NewReport],
    now: Timestamp,
) -> Result<(Vec<Submitted>, End), StoreError> {
    let batch = end.batch + 1;
    let mut seq = end.seq;
    let mut results = Vec::with_capacity(reports.len());
    {
        let mut repeated = 0;
        let mut insert = transaction.prepare_cached(include_str!("../queries/commit.insert.sql"))?;
        for report in reports {
            if write(&mut insert, report, End { batch, seq: seq + 1 }, now)? {
                seq += 1;
                results.push(Submitted::Written { received_at: now });
            } else {
                repeated += 1;
                results.push(Submitted::Duplicate(Box::new(read_stored(transaction, report.report_id)?)));
            }
        }
        if repeated > 0 {
            let mut add = transaction.prepare_cached(include_str!("../queries/counters.add.sql"))?;
            add.execute((REPEATED, repeated))?;
        }
    }
    let end = if seq > end.seq { End { batch, seq } } else { end };
    Ok((results, end))
}

/// Returns whether it was new. The values are in the order of the statement: to look up each by its name would take a tenth
/// of the commit.
fn write(
    insert: &mut Statement<'_>,
    report: &NewReport,
    place: End,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = insert.execute((
        place.seq,
        report.report_id.as_bytes(),
        place.batch,
        report.installation,
        report.policy,
        moment(report.period_end),
        moment(now),
        report.received_digest.as_bytes(),
        report.stored_digest.as_bytes(),
        i64::try_from(report.accepted).unwrap_or(i64::MAX),
        report.outcomes_to_keep(),
        &report.address,
        report.body.form,
        &report.body.bytes,
    ))?;
    Ok(rows == 1)
}

fn read_stored(transaction: &Transaction<'_>, report_id: Uuid) -> Result<StoredReport, StoreError> {
    let mut select = transaction.prepare_cached(
        "SELECT installation, received_at, received_digest, stored_digest, accepted, outcomes \
         FROM reports WHERE report_id = ?",
    )?;
    let mut rows = select.query([report_id.as_bytes()])?;
    let row = rows.next()?.ok_or_else(|| StoreError::Unreadable(format!("report {report_id}")))?;
    let digest = |column| -> Result<Digest, StoreError> {
        Ok(Digest::from_bytes(read_32(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)?))
    };
    Ok(StoredReport {
        installation: row.get("installation")?,
        received_at: read_moment(row.get("received_at")?)?,
        received_digest: digest("received_digest")?,
        stored_digest: digest("stored_digest")?,
        accepted: row.get::<_, i64>("accepted")?.unsigned_abs(),
        outcomes: read_outcomes(&row.get::<_, String>("outcomes")?)?,
    })
}
