//! Erasure and rewriting: takes bytes of reports out of the journal, so that no file of it holds them any more.
//!
//! An erased report leaves a tombstone: its row, with its id, its place, its batch, its installation and its digests. So it
//! stays a duplicate when it is sent again, and batches keep their numbers. What else the row held is overwritten **in
//! place, byte for byte**: a row that shrinks lets SQLite move its neighbours, and copies of what was moved stay in a page's
//! unused room, out of reach of a later erasure. Then the log, which has the pages as they were, is truncated.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};

use super::reports::Body;
use super::{Journal, StoreError, moment};
use crate::limits::REVISED_AT_A_TIME;

/// Takes bytes out of the journal.
#[derive(Clone, Copy)]
pub struct Erasure<'a>(pub(in crate::store) &'a Journal);

/// What of a stored report can be rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportContent {
    /// The admitted JSON.
    pub json: Vec<u8>,
    /// The public address that it came from.
    pub address: Option<String>,
}

/// A row's bytes, as they are kept.
struct Stored {
    form: i64,
    body: Vec<u8>,
    outcomes: String,
    address: Option<String>,
}

impl Erasure<'_> {
    /// Erases what an installation sent and the collector received before a moment; returns how many reports. Once it
    /// returns, their bytes are gone from the journal's files. After an error, or a crash, call it again.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails; [`StoreError::Busy`] where another process kept reading it, so that the log
    /// still has the bytes.
    pub async fn erase(
        &self,
        installation: i64,
        received_before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.revise(installation, received_before, now, "erased", |stored| Ok(Some(stored.erased()))).await
    }

    /// Rewrites what an installation sent and the collector received before a moment; returns how many reports. `rewrite`
    /// returns what is left of a report, and `None` where it stays as it is. The digests stay what the receipts say.
    ///
    /// # Errors
    /// As [`Erasure::erase`], and [`StoreError::Conflict`] where a report would take more room than before.
    pub async fn rewrite<F>(
        &self,
        installation: i64,
        received_before: Timestamp,
        now: Timestamp,
        rewrite: F,
    ) -> Result<u64, StoreError>
    where
        F: Fn(ReportContent) -> Option<ReportContent> + Clone + Send + 'static,
    {
        let revise = move |stored: Stored| stored.rewritten(&rewrite);
        self.revise(installation, received_before, now, "rewritten", revise).await
    }

    async fn revise<F>(
        &self,
        installation: i64,
        received_before: Timestamp,
        now: Timestamp,
        what: &'static str,
        revise: F,
    ) -> Result<u64, StoreError>
    where
        F: Fn(Stored) -> Result<Option<Stored>, StoreError> + Clone + Send + 'static,
    {
        let connections = &self.0.connections;
        // A commit under way has read the clock already: what it writes is to be found.
        connections.with_turn(|_| Ok(())).await?;
        let seqs = connections.read(move |reader| find(reader, installation, received_before)).await?;
        let mut revised = 0;
        for part in seqs.chunks(REVISED_AT_A_TIME) {
            let (part, revise) = (part.to_vec(), revise.clone());
            let write = move |writer: &Transaction<'_>| {
                let count = revise_all(writer, &part, revise)?;
                if count > 0 {
                    writer.execute(
                        "INSERT INTO revisions (installation, at, what) VALUES ($1, $2, $3)",
                        params![installation, moment(now), what],
                    )?;
                }
                Ok(count)
            };
            revised += connections.write(write).await?;
        }
        connections.with_turn(|mut turn| turn.truncate_log()).await?;
        Ok(revised)
    }
}

/// An index would cost every commit a page for each report; this reads the whole table, seldom, beside the commits.
fn find(
    reader: &Transaction<'_>,
    installation: i64,
    received_before: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let mut select = reader.prepare_cached(
        "SELECT seq FROM reports WHERE installation = $1 AND received_at < $2 ORDER BY seq",
    )?;
    let seqs = select.query_map([installation, moment(received_before)], |row| row.get(0))?;
    Ok(seqs.collect::<Result<_, _>>()?)
}

/// Returns how many were changed. Tombstones stay as they are.
fn revise_all(
    writer: &Transaction<'_>,
    seqs: &[i64],
    revise: impl Fn(Stored) -> Result<Option<Stored>, StoreError>,
) -> Result<u64, StoreError> {
    let mut select =
        writer.prepare_cached("SELECT body_form, body, outcomes, address FROM reports WHERE seq = $1")?;
    let mut update = writer.prepare_cached(
        "UPDATE reports SET body_form = $1, body = $2, outcomes = $3, address = $4 WHERE seq = $5",
    )?;
    let mut count = 0;
    for seq in seqs {
        let stored = select.query_row([seq], read)?;
        if Body::is_erased(&stored.body) {
            continue;
        }
        if let Some(new) = revise(stored)? {
            update.execute(params![new.form, new.body, new.outcomes, new.address, seq])?;
            count += 1;
        }
    }
    Ok(count)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        form: row.get("body_form")?,
        body: row.get("body")?,
        outcomes: row.get("outcomes")?,
        address: row.get("address")?,
    })
}

impl Stored {
    /// All of it overwritten: an empty list of outcomes, and an address of spaces.
    fn erased(mut self) -> Self {
        self.body.fill(0);
        self.outcomes = format!("[{}]", " ".repeat(self.outcomes.len().saturating_sub(2)));
        self.address = self.address.as_deref().map(blank);
        self
    }

    fn rewritten(
        self,
        rewrite: impl Fn(ReportContent) -> Option<ReportContent>,
    ) -> Result<Option<Self>, StoreError> {
        let json = Body::read(self.form, &self.body)?;
        let Some(new) = rewrite(ReportContent { json, address: self.address.clone().and_then(shown) }) else {
            return Ok(None);
        };
        let body = Body::fitting(&new.json, self.body.len()).ok_or_else(|| {
            StoreError::Conflict("a rewritten report takes more room than before".to_owned())
        })?;
        let room = self.address.as_ref().map_or(0, String::len);
        let address = match (self.address, new.address) {
            (None, None) => None,
            (Some(old), None) => Some(blank(&old)),
            (_, Some(new)) if new.len() <= room => Some(format!("{new:room$}")),
            (_, Some(_)) => {
                return Err(StoreError::Conflict(
                    "a rewritten address takes more room than before".to_owned(),
                ));
            }
        };
        Ok(Some(Self { form: body.form, body: body.bytes, outcomes: self.outcomes, address }))
    }
}

fn blank(text: &str) -> String {
    " ".repeat(text.len())
}

/// The address without what fills its room; none where it was taken away.
pub(super) fn shown(kept: String) -> Option<String> {
    let shown = kept.trim_end();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::super::following::Revised;
    use super::super::reports::{NewReport, Submitted};
    use super::super::{Committer, Portion};
    use super::*;
    use crate::clock::SystemClock;

    const ALL: Timestamp = Timestamp::MAX;
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    /// Reports of each of two installations, in turn; more than one transaction erases.
    const EACH: u128 = REVISED_AT_A_TIME as u128 + 20;

    fn word(id: u128) -> String {
        format!("planted-{id:04}-")
    }

    /// Small and large ones, which take pages of their own; all too small to be compressed.
    fn report(id: u128) -> NewReport {
        let json = format!("{{\"{}\":1}}", word(id).repeat(1 + (id as usize * 7) % 200));
        let mut report = NewReport::with_json(id, json.as_bytes());
        report.installation = 1 + (id % 2) as i64;
        report.address = Some("192.0.2.77".to_owned());
        report
    }

    fn commit(committer: &mut Committer, reports: &[NewReport]) -> Vec<Submitted> {
        tokio::task::block_in_place(|| committer.commit(reports).unwrap())
    }

    fn journal(folder: &Path) -> (Journal, Committer) {
        let journal = Journal::open(&folder.join("journal.sqlite")).unwrap();
        let other = journal.with_one_installation();
        other.execute("INSERT INTO installations VALUES (2, 'two', x'', 0)", []).unwrap();
        let mut committer = journal.committer(Arc::new(SystemClock)).unwrap();
        for first in (0..2 * EACH).step_by(10) {
            commit(&mut committer, &(first..(first + 10).min(2 * EACH)).map(report).collect::<Vec<_>>());
        }
        (journal, committer)
    }

    /// How many of the reports' words the journal's files hold.
    fn words(folder: &Path, installation: u128) -> usize {
        let files =
            std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        let bytes = files.collect::<Vec<_>>().concat();
        let text = String::from_utf8_lossy(&bytes);
        let ids = (0..2 * EACH).filter(|id| id % 2 == installation - 1);
        ids.filter(|id| text.contains(&word(*id))).count()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_erased_is_in_no_file_whatever_was_erased_before() {
        let place = tempfile::tempdir().unwrap();
        let (journal, _committer) = journal(place.path());
        assert_eq!((words(place.path(), 1), words(place.path(), 2)), (EACH as usize, EACH as usize));
        assert_eq!(Erasure(&journal).erase(1, ALL, NOW).await.unwrap(), EACH as u64);
        assert_eq!((words(place.path(), 1), words(place.path(), 2)), (0, EACH as usize));
        assert_eq!(Erasure(&journal).erase(1, ALL, NOW).await.unwrap(), 0, "there is nothing left");
        assert_eq!(Erasure(&journal).erase(2, ALL, NOW).await.unwrap(), EACH as u64);
        assert_eq!((words(place.path(), 1), words(place.path(), 2)), (0, 0));
        let addresses = "SELECT count(*) FROM reports WHERE trim(address) <> '' OR outcomes LIKE '%_{%'";
        let reader = rusqlite::Connection::open(place.path().join("journal.sqlite")).unwrap();
        assert_eq!(reader.query_row(addresses, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_what_was_received_before_the_moment_is_erased() {
        let place = tempfile::tempdir().unwrap();
        let (journal, _committer) = journal(place.path());
        assert_eq!(Erasure(&journal).erase(1, Timestamp::UNIX_EPOCH, NOW).await.unwrap(), 0);
        assert_eq!(words(place.path(), 1), EACH as usize);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn law_6_an_erased_report_stays_a_duplicate_and_fails_nothing_beside_it() {
        let place = tempfile::tempdir().unwrap();
        let (journal, committer) = journal(place.path());
        Erasure(&journal).erase(1, ALL, NOW).await.unwrap();
        // As after a start: memory has no id, and the table of ids is read.
        for mut committer in [committer, journal.committer(Arc::new(SystemClock)).unwrap()] {
            let erased = report(0);
            let [held] = &commit(&mut committer, std::slice::from_ref(&erased))[..] else { panic!("one") };
            let Submitted::Duplicate(held) = held else { panic!("an erased report is held") };
            assert_eq!((held.installation, held.received_digest), (1, erased.received_digest));
            assert_eq!(held.stored_digest, erased.stored_digest);
            assert_eq!(held.outcomes, []);
            let new = NewReport::with_json(rand::random(), b"{}");
            let results = commit(&mut committer, &[report(2), new, report(1)]);
            assert!(matches!(
                results[..],
                [Submitted::Duplicate(_), Submitted::Written { .. }, Submitted::Duplicate(_)]
            ));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_follows_the_journal_reads_on_past_tombstones_and_hears_of_revisions() {
        let place = tempfile::tempdir().unwrap();
        let (journal, _committer) = journal(place.path());
        let follower = journal.follower().unwrap();
        let all = Portion { reports: usize::MAX, bytes: usize::MAX };
        let before = follower.read_after(0, all).unwrap().unwrap();
        assert!(follower.ends_a_batch(before.batch, before.last_seq).unwrap());
        assert_eq!(follower.revised_after(0).unwrap(), Revised { revision: 0, installations: vec![] });

        Erasure(&journal).erase(2, ALL, NOW).await.unwrap();
        let after = follower.read_after(0, all).unwrap().unwrap();
        assert_eq!((after.batch, after.last_seq), (before.batch, before.last_seq));
        assert_eq!((before.reports.len(), after.reports.len()), (2 * EACH as usize, EACH as usize));
        assert!(follower.ends_a_batch(after.batch, after.last_seq).unwrap(), "the mark stays valid");
        assert!(follower.read_after(after.last_seq - 1, all).unwrap().is_some(), "the last one was erased");
        assert_eq!(follower.revised_after(0).unwrap(), Revised { revision: 2, installations: vec![2] });
        assert_eq!(follower.revised_after(2).unwrap(), Revised { revision: 2, installations: vec![] });
        for (installation, held) in [(1, EACH), (2, 0)] {
            let mut count = 0;
            let counting = |_| {
                count += 1;
                Ok(())
            };
            follower.each_of(installation, i64::MAX, counting).unwrap();
            assert_eq!(count, held);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_rewritten_report_has_its_new_bytes_and_its_old_digests() {
        let place = tempfile::tempdir().unwrap();
        let (journal, mut committer) = journal(place.path());
        let large =
            NewReport::with_json(9_999, format!("[{}\"gone\"]", "\"here\",".repeat(2_000)).as_bytes());
        commit(&mut committer, std::slice::from_ref(&large));
        let rewrite = |content: ReportContent| {
            let json = String::from_utf8(content.json).unwrap();
            let left = if json.contains("gone") { json.replace(",\"gone\"", "") } else { "{}".to_owned() };
            Some(ReportContent { json: left.into_bytes(), address: None })
        };
        let count = Erasure(&journal).rewrite(1, ALL, NOW, rewrite).await.unwrap();
        assert_eq!((count, words(place.path(), 1)), (EACH as u64 + 1, 0));

        let mut left = Vec::new();
        let reading = |report: Result<_, _>| {
            let report: super::super::JournalReport = report?;
            assert_eq!(report.address, None);
            left.push(report.json.trim_ascii_end().to_vec());
            Ok(())
        };
        journal.follower().unwrap().each_of(1, i64::MAX, reading).unwrap();
        let last = left.pop().unwrap();
        assert!(last.starts_with(b"[\"here\"") && last.ends_with(b"\"here\"]"));
        assert_eq!(left, vec![b"{}".to_vec(); EACH as usize]);
        let [Submitted::Duplicate(held)] = &commit(&mut committer, std::slice::from_ref(&large))[..] else {
            panic!("held")
        };
        assert_eq!(held.stored_digest, large.stored_digest);

        let grown = |content: ReportContent| {
            Some(ReportContent { json: [content.json, b"more".to_vec()].concat(), address: None })
        };
        let error = Erasure(&journal).rewrite(2, ALL, NOW, grown).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    }
}
