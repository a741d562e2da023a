//! Which report ids the journal holds: in a table, and in memory as long as they are not in the table.
//!
//! An id that goes into the table takes a page of it along into the log, and ids come in no strict order. So the latest are
//! kept in memory in their order, and each commit writes neighbours of them, which share a page. What memory loses is read
//! again from the reports.

use std::collections::BTreeMap;
use std::ops::Bound;

use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;

/// The ids that the table does not have yet, each with its report's place in the journal.
#[derive(Debug)]
pub(super) struct ReportIds {
    fresh: BTreeMap<Uuid, i64>,
    /// How many to keep in memory.
    most: usize,
    /// Where the next one that goes into the table is looked for: after the last one. After the greatest comes the least.
    next: Bound<Uuid>,
    /// The journal's last report when it last came round to the least. When it does so again, the table has all ids up to
    /// here.
    round_from: i64,
}

impl ReportIds {
    /// Reads which ids the table does not have yet, and keeps about `most` in memory from now on.
    pub(super) fn resume(connection: &Connection, most: usize) -> rusqlite::Result<Self> {
        let named = connection.query_row("SELECT last_seq FROM named", [], |row| row.get(0))?;
        let mut ids = Self { fresh: BTreeMap::new(), most, next: Bound::Unbounded, round_from: named };
        let mut select = connection.prepare(
            "SELECT report_id, seq FROM reports WHERE seq > ? AND NOT EXISTS \
             (SELECT 1 FROM report_ids WHERE report_ids.report_id = reports.report_id)",
        )?;
        let mut rows = select.query([named])?;
        while let Some(row) = rows.next()? {
            let seq = row.get(1)?;
            ids.fresh.insert(Uuid::from_bytes(row.get(0)?), seq);
            ids.round_from = ids.round_from.max(seq);
        }
        Ok(ids)
    }

    /// The place of the report of this id, where the journal holds it.
    pub(super) fn find(&self, transaction: &Transaction<'_>, id: Uuid) -> rusqlite::Result<Option<i64>> {
        if let Some(seq) = self.fresh.get(&id) {
            return Ok(Some(*seq));
        }
        let mut select = transaction.prepare_cached("SELECT seq FROM report_ids WHERE report_id = ?")?;
        select.query_row([id.as_bytes()], |row| row.get(0)).optional()
    }

    /// Takes the id of a report that is being written.
    pub(super) fn add(&mut self, id: Uuid, seq: i64) {
        self.fresh.insert(id, seq);
    }

    /// Writes those into the table that memory is not to keep. `last_seq` is the journal's last report.
    pub(super) fn write(&mut self, transaction: &Transaction<'_>, last_seq: i64) -> rusqlite::Result<()> {
        let mut insert =
            transaction.prepare_cached("INSERT INTO report_ids (report_id, seq) VALUES (?, ?)")?;
        while self.fresh.len() > self.most {
            let Some((&id, &seq)) = self.fresh.range((self.next, Bound::Unbounded)).next() else {
                transaction.execute("UPDATE named SET last_seq = ?", [self.round_from])?;
                self.round_from = last_seq;
                self.next = Bound::Unbounded;
                continue;
            };
            insert.execute((id.as_bytes(), seq))?;
            self.fresh.remove(&id);
            self.next = Bound::Excluded(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 16;

    fn journal() -> Connection {
        let journal = Connection::open_in_memory().unwrap();
        journal
            .execute_batch(
                "CREATE TABLE reports (seq INTEGER PRIMARY KEY, report_id BLOB NOT NULL) STRICT;
                 CREATE TABLE report_ids (report_id BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                 CREATE TABLE named (last_seq INTEGER NOT NULL) STRICT;
                 INSERT INTO named VALUES (0);",
            )
            .unwrap();
        journal
    }

    /// As a commit does; the ids are far from being in order, and the first one is the least there is.
    fn commit(journal: &mut Connection, ids: &mut ReportIds, seqs: std::ops::Range<i64>) {
        let transaction = journal.transaction().unwrap();
        let last = seqs.end - 1;
        for seq in seqs {
            let id = id(seq);
            assert_eq!(ids.find(&transaction, id).unwrap(), None);
            let row = (seq, id.as_bytes());
            transaction.execute("INSERT INTO reports (seq, report_id) VALUES (?, ?)", row).unwrap();
            ids.add(id, seq);
        }
        ids.write(&transaction, last).unwrap();
        transaction.commit().unwrap();
    }

    fn id(seq: i64) -> Uuid {
        Uuid::from_u128(
            u128::from((seq - 1).unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
        )
    }

    fn holds_all(journal: &mut Connection, ids: &ReportIds, last: i64) {
        let transaction = journal.transaction().unwrap();
        for seq in 1..=last {
            assert_eq!(ids.find(&transaction, id(seq)).unwrap(), Some(seq), "report {seq} of {last}");
        }
        assert_eq!(ids.find(&transaction, id(last + 1)).unwrap(), None);
    }

    #[test]
    fn every_id_is_known_whenever_the_collector_starts_again() {
        let mut journal = journal();
        let mut ids = ReportIds::resume(&journal, MOST).unwrap();
        for batch in 0..200 {
            let first = 1 + batch * 5;
            commit(&mut journal, &mut ids, first..first + 5);
            assert!(ids.fresh.len() <= MOST);
            holds_all(&mut journal, &ids, first + 4);
            if batch % 7 == 0 {
                ids = ReportIds::resume(&journal, MOST).unwrap();
                holds_all(&mut journal, &ids, first + 4);
            }
        }
    }

    #[test]
    fn a_start_reads_the_latest_reports_alone() {
        let mut journal = journal();
        let mut ids = ReportIds::resume(&journal, MOST).unwrap();
        for batch in 0..200 {
            let first = 1 + batch * 5;
            commit(&mut journal, &mut ids, first..first + 5);
        }
        let named: i64 = journal.query_row("SELECT last_seq FROM named", [], |row| row.get(0)).unwrap();
        assert!((900..1_000).contains(&named), "all up to report {named} of 1000 are in the table");
        let again = ReportIds::resume(&journal, MOST).unwrap();
        assert_eq!(again.fresh, ids.fresh);
        assert_eq!(ReportIds::resume(&journal, MOST).unwrap().round_from, 1_000);
    }
}
