//! Which report ids the journal holds: in a table, and in memory as long as they are not in the table.
//!
//! Ids hold the time at which they were made (UUIDv7), and reports arrive nearly in that order. So the greatest are kept in
//! memory, and each commit writes the least of them behind those that the table has: neighbours, which share a page that is
//! at hand. A new id is mostly greater than all in the table, and need not be looked for there. Any other is only slower.
//! What memory loses is read again from the reports.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction};
use uuid::Uuid;

/// After how many times as many reports as memory keeps the ids of the older ones are all in the table: at a start, up to
/// twice as many are read.
const ROUND: usize = 4;

/// The ids that the table does not have yet, each with its report's place in the journal.
#[derive(Debug)]
pub(super) struct ReportIds {
    fresh: BTreeMap<Uuid, i64>,
    /// How many to keep in memory.
    most: usize,
    /// The greatest one in the table.
    greatest: Option<Uuid>,
    /// The journal's last report when the round began. When it ends, the table has all ids up to here.
    round_from: i64,
}

/// The table within one commit.
pub(super) struct IdTable<'t> {
    transaction: &'t Transaction<'t>,
    find: CachedStatement<'t>,
    put: CachedStatement<'t>,
}

impl<'t> IdTable<'t> {
    /// Of this commit.
    pub(super) fn of(transaction: &'t Transaction<'t>) -> rusqlite::Result<Self> {
        let find = transaction.prepare_cached("SELECT seq FROM report_ids WHERE report_id = ?")?;
        let put = transaction.prepare_cached("INSERT INTO report_ids (report_id, seq) VALUES (?, ?)")?;
        Ok(Self { transaction, find, put })
    }
}

impl ReportIds {
    /// Reads which ids the table does not have yet, and keeps about `most` in memory from now on.
    pub(super) fn resume(connection: &Connection, most: usize) -> rusqlite::Result<Self> {
        let named = connection.query_row("SELECT last_seq FROM named", [], |row| row.get(0))?;
        let greatest: Option<[u8; 16]> =
            connection.query_row("SELECT max(report_id) FROM report_ids", [], |row| row.get(0))?;
        let greatest = greatest.map(Uuid::from_bytes);
        let mut ids = Self { fresh: BTreeMap::new(), most, greatest, round_from: named };
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
    pub(super) fn find(&self, table: &mut IdTable<'_>, id: Uuid) -> rusqlite::Result<Option<i64>> {
        if let Some(seq) = self.fresh.get(&id) {
            return Ok(Some(*seq));
        }
        if self.greatest.is_none_or(|greatest| id > greatest) {
            return Ok(None);
        }
        table.find.query_row([id.as_bytes()], |row| row.get(0)).optional()
    }

    /// Takes the id of a report that is being written.
    pub(super) fn add(&mut self, id: Uuid, seq: i64) {
        self.fresh.insert(id, seq);
    }

    /// Writes those into the table that memory is not to keep. `last_seq` is the journal's last report.
    pub(super) fn write(&mut self, table: &mut IdTable<'_>, last_seq: i64) -> rusqlite::Result<()> {
        while self.fresh.len() > self.most
            && let Some((id, seq)) = self.fresh.pop_first()
        {
            self.put(table, id, seq)?;
        }
        let reports = usize::try_from(last_seq - self.round_from).unwrap_or_default();
        if reports > ROUND * self.most { self.end_round(table, last_seq) } else { Ok(()) }
    }

    fn put(&mut self, table: &mut IdTable<'_>, id: Uuid, seq: i64) -> rusqlite::Result<()> {
        table.put.execute((id.as_bytes(), seq))?;
        self.greatest = self.greatest.max(Some(id));
        Ok(())
    }

    /// Writes those that are old and yet among the greatest, of installations whose clock is fast.
    fn end_round(&mut self, table: &mut IdTable<'_>, last_seq: i64) -> rusqlite::Result<()> {
        let round_from = self.round_from;
        let old: Vec<_> = self.fresh.extract_if(.., |_, seq| *seq <= round_from).collect();
        old.into_iter().try_for_each(|(id, seq)| self.put(table, id, seq))?;
        table.transaction.execute("UPDATE named SET last_seq = ?", [round_from])?;
        self.round_from = last_seq;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 16;

    fn journal() -> Connection {
        let journal = Connection::open_in_memory().unwrap();
        journal.pragma_update(None, "foreign_keys", false).unwrap();
        journal.execute_batch(include_str!("../../../migrations/0001_journal.sql")).unwrap();
        journal
    }

    /// As a commit does.
    fn write(journal: &mut Connection, ids: &mut ReportIds, seqs: Seqs, id: fn(i64) -> Uuid) {
        let transaction = journal.transaction().unwrap();
        write_in(&transaction, ids, seqs, id);
        transaction.commit().unwrap();
    }

    type Seqs = std::ops::RangeInclusive<i64>;

    fn write_in(transaction: &Transaction<'_>, ids: &mut ReportIds, seqs: Seqs, id: fn(i64) -> Uuid) {
        let last = *seqs.end();
        let mut table = IdTable::of(transaction).unwrap();
        for seq in seqs {
            let id = id(seq);
            assert_eq!(ids.find(&mut table, id).unwrap(), None);
            let report = "INSERT INTO reports VALUES (?, ?, 1, 1, 1, 0, 0, x'', x'', 0, '', NULL, 0, x'')";
            transaction.execute(report, (seq, id.as_bytes())).unwrap();
            ids.add(id, seq);
        }
        ids.write(&mut table, last).unwrap();
    }

    fn holds_all(journal: &mut Connection, ids: &ReportIds, last: i64, id: fn(i64) -> Uuid) {
        let transaction = journal.transaction().unwrap();
        let mut table = IdTable::of(&transaction).unwrap();
        for seq in 1..=last {
            assert_eq!(ids.find(&mut table, id(seq)).unwrap(), Some(seq), "report {seq} of {last}");
        }
        assert_eq!(ids.find(&mut table, id(last + 1)).unwrap(), None);
    }

    fn resumed(journal: &Connection) -> ReportIds {
        ReportIds::resume(journal, MOST).unwrap()
    }

    /// In no order; the first one is the least that there is.
    fn mixed(seq: i64) -> Uuid {
        let odd = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        Uuid::from_u128(u128::from((seq - 1).unsigned_abs()).wrapping_mul(odd))
    }

    fn ascending(seq: i64) -> Uuid {
        Uuid::from_u128(u128::from(seq.unsigned_abs()))
    }

    /// Every hundredth report waited long before it was sent.
    fn some_late(seq: i64) -> Uuid {
        if seq % 100 == 0 {
            mixed(seq)
        } else {
            Uuid::from_u128(u128::MAX / 2 + u128::from(seq.unsigned_abs()))
        }
    }

    /// One site has its clock in the far future.
    fn some_early(seq: i64) -> Uuid {
        if seq == 50 { Uuid::max() } else { ascending(seq) }
    }

    const ORDERS: [fn(i64) -> Uuid; 4] = [mixed, ascending, some_late, some_early];

    #[test]
    fn every_id_is_known_whenever_the_collector_starts_again() {
        for id in ORDERS {
            let mut journal = journal();
            let mut ids = resumed(&journal);
            for batch in 0..100 {
                let last = 5 * batch + 5;
                write(&mut journal, &mut ids, last - 4..=last, id);
                assert!(ids.fresh.len() <= MOST);
                holds_all(&mut journal, &ids, last, id);
                if batch % 7 == 0 {
                    ids = resumed(&journal);
                    holds_all(&mut journal, &ids, last, id);
                }
            }
        }
    }

    #[test]
    fn a_commit_that_fails_leaves_no_id() {
        let mut journal = journal();
        let mut ids = resumed(&journal);
        write(&mut journal, &mut ids, 1..=40, mixed);
        let transaction = journal.transaction().unwrap();
        write_in(&transaction, &mut ids, 41..=60, mixed);
        transaction.rollback().unwrap();
        let ids = resumed(&journal);
        holds_all(&mut journal, &ids, 40, mixed);
    }

    #[test]
    fn a_start_reads_the_latest_reports_alone_in_whatever_order_ids_come() {
        for id in ORDERS {
            let mut journal = journal();
            let mut ids = resumed(&journal);
            for batch in 0..400 {
                write(&mut journal, &mut ids, 5 * batch + 1..=5 * batch + 5, id);
            }
            let named: i64 = journal.query_row("SELECT last_seq FROM named", [], |row| row.get(0)).unwrap();
            let bound = i64::try_from(2 * (ROUND + 1) * MOST).unwrap();
            assert!(
                (2_000 - bound..2_000).contains(&named),
                "all up to report {named} of 2000 are in the table"
            );
            assert_eq!(resumed(&journal).fresh, ids.fresh);
        }
    }
}
