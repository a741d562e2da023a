//! What the projector reads: the journal's batches in order, each the same rows whenever it is read.

use candor_policy::{InstallationId, Outcome, PolicyId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use tokio::sync::watch;
use uuid::Uuid;

use super::commit::End;
use super::erasure::shown;
use super::reports::{Body, read_outcomes};
use super::{Journal, StoreError, read_moment};

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

/// Whole batches of the journal, as they were read.
pub struct Stretch {
    /// The reports in order, an error for each that cannot be read. Erased ones are left out.
    pub reports: Vec<Result<JournalReport, StoreError>>,
    /// The last batch.
    pub batch: i64,
    /// Its last report.
    pub last_seq: i64,
}

/// Which installations to build anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    /// The last revision.
    pub revision: i64,
    /// The installations, each once.
    pub installations: Vec<i64>,
}

/// How much of the journal to read at a time; a batch that has been begun is read to its end.
#[derive(Clone, Copy, Debug)]
pub struct Portion {
    /// Reports.
    pub reports: usize,
    /// Bytes of JSON.
    pub bytes: usize,
}

/// Reads the journal in order, on a connection of its own. It blocks, so it belongs on a thread of its own.
pub struct Follower(Connection);

impl Journal {
    /// The last batch, and word of each later one.
    pub(in crate::store) fn last_batch(&self) -> watch::Receiver<i64> {
        self.status.last_batch.subscribe()
    }

    /// Where the last commit failed a moment ago, what to do about it.
    pub(in crate::store) fn has_just_failed(&self, now: Timestamp) -> Option<&'static str> {
        self.status.has_just_failed(now)
    }

    /// Somebody who reads along.
    pub(in crate::store) fn follower(&self) -> Result<Follower, StoreError> {
        let connection = self.files.connect()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Follower(connection))
    }
}

impl Follower {
    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }

    /// Whether the journal has a batch that ends with this report.
    pub(in crate::store) fn ends_a_batch(&self, batch: i64, seq: i64) -> Result<bool, StoreError> {
        let place = |seq: i64| {
            let mut select = self.0.prepare_cached("SELECT batch FROM reports WHERE seq = ?")?;
            select.query_row([seq], |row| row.get::<_, i64>(0)).optional()
        };
        Ok(place(seq)? == Some(batch) && place(seq + 1)? != Some(batch))
    }

    /// The next whole batches; nothing where there is none.
    pub(in crate::store) fn read_after(
        &self,
        seq: i64,
        portion: Portion,
    ) -> Result<Option<Stretch>, StoreError> {
        let mut select = self.0.prepare_cached(include_str!("../queries/following.reports.sql"))?;
        let mut rows = select.query([seq])?;
        let (mut reports, mut bytes, mut end) = (Vec::new(), 0, End::default());
        while let Some(row) = rows.next()? {
            let place = End { batch: row.get("batch")?, seq: row.get("seq")? };
            let is_full = reports.len() >= portion.reports || bytes >= portion.bytes;
            if is_full && place.batch != end.batch {
                break;
            }
            end = place;
            if is_erased(row)? {
                continue;
            }
            let report = read_report(row).map_err(|error| unreadable(place.seq, &error));
            bytes += report.as_ref().map_or(0, |report: &JournalReport| report.json.len());
            reports.push(report);
        }
        Ok((end != End::default()).then_some(Stretch { reports, batch: end.batch, last_seq: end.seq }))
    }

    /// Installations with reports that were erased or rewritten after a revision.
    pub(in crate::store) fn revised_after(&self, revision: i64) -> Result<Revised, StoreError> {
        let mut select = self.0.prepare_cached(
            "SELECT max(revision) AS revision, installation FROM revisions WHERE revision > ? GROUP BY installation",
        )?;
        let mut rows = select.query([revision])?;
        let mut revised = Revised { revision, installations: Vec::new() };
        while let Some(row) = rows.next()? {
            revised.revision = revised.revision.max(row.get("revision")?);
            revised.installations.push(row.get("installation")?);
        }
        Ok(revised)
    }

    /// Reads what the journal holds of an installation up to a report, in order; what was erased is not among it.
    pub(in crate::store) fn each_of(
        &self,
        installation: i64,
        last_seq: i64,
        mut each: impl FnMut(Result<JournalReport, StoreError>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut select = self.0.prepare_cached(include_str!("../queries/following.installation.sql"))?;
        let mut rows = select.query([installation, last_seq])?;
        while let Some(row) = rows.next()? {
            if !is_erased(row)? {
                let seq = row.get("seq")?;
                each(read_report(row).map_err(|error| unreadable(seq, &error)))?;
            }
        }
        Ok(())
    }

    /// The manifest of a policy version by its number.
    pub(in crate::store) fn manifest(&self, policy: i64) -> Result<String, StoreError> {
        let found = self
            .0
            .query_row("SELECT manifest FROM policies WHERE policy = ?", [policy], |row| row.get(0))
            .optional()?;
        found.ok_or_else(|| StoreError::Unreadable(format!("policy number {policy} is not there")))
    }
}

fn is_erased(row: &Row<'_>) -> Result<bool, StoreError> {
    Ok(Body::is_erased(row.get_ref("body")?.as_blob().map_err(rusqlite::Error::from)?))
}

/// The fault of one report, which stays what it is however often it is read.
fn unreadable(seq: i64, error: &StoreError) -> StoreError {
    StoreError::Unreadable(format!("report number {seq}: {error}"))
}

fn read_report(row: &Row<'_>) -> Result<JournalReport, StoreError> {
    let name: String = row.get("installation_name")?;
    let policy_id: String = row.get("policy_id")?;
    let body = row.get_ref("body")?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(JournalReport {
        seq: row.get("seq")?,
        report_id: Uuid::from_bytes(row.get("report_id")?),
        installation: row.get("installation")?,
        installation_name: InstallationId::parse(&name)
            .ok_or_else(|| StoreError::Unreadable(format!("invalid installation name `{name}`")))?,
        policy: row.get("policy")?,
        policy_id: PolicyId::parse(&policy_id)
            .ok_or_else(|| StoreError::Unreadable(format!("invalid policy name `{policy_id}`")))?,
        received_at: read_moment(row.get("received_at")?)?,
        address: row.get::<_, Option<String>>("address")?.and_then(shown),
        accepted: row.get::<_, i64>("accepted")?.unsigned_abs(),
        outcomes: read_outcomes(&row.get::<_, String>("outcomes")?)?,
        json: Body::read(row.get("body_form")?, body)?,
    })
}
