//! Takes out of a damaged journal what can be read, row by row, into a new one. A report is taken only where its bytes are those
//! that its receipt names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candor_policy::{Digest, InstallationId, PublicKey, Report};
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params_from_iter};
use serde::Serialize;

use super::files::with_suffix;
use super::reports::Body;
use super::{Journal, StoreError};
use crate::limits::SALVAGE_MISSES;

/// Tables that a new journal has by itself, and those whose rows are short-lived: people sign in again.
const LEFT_OUT: [&str; 3] = ["schema_migrations", "sessions", "setup_tokens"];
/// Tables whose numbers have no gaps, so that each number that is not found is one that was lost.
const WITHOUT_GAPS: [&str; 2] = ["reports", "audit"];

/// What became of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SalvagedTable {
    /// Rows that are in the new journal.
    pub kept: u64,
    /// Numbers of rows that cannot be read, or are not what they were written as; 0 for an unknown number of a table without.
    pub lost: Vec<i64>,
    /// Whether more may be lost after the last row: where the table ended cannot be read.
    pub end_unknown: bool,
}

/// What became of a journal, by table.
pub type Salvaged = BTreeMap<String, SalvagedTable>;

/// Reads a damaged journal and writes what can be read of it into a new one beside it, which then has its place. The damaged one
/// stays, under a name with `.damaged`. Nobody else may have it open.
///
/// # Errors
/// [`StoreError`] where not even its list of tables can be read, it has another schema, or the new one cannot be written.
pub(in crate::store) fn salvage(file: &Path) -> Result<Salvaged, StoreError> {
    let [aside, new] = ["damaged", "salvaged"].map(|suffix| with_suffix(file, &format!(".{suffix}")));
    if aside.exists() {
        let path = aside.display();
        return Err(StoreError::Conflict(format!(
            "{path} is there from an earlier salvage: move it elsewhere first"
        )));
    }
    remove(&new)?;
    let salvaged = {
        let damaged = open_damaged(file)?;
        drop(Journal::open(&new)?);
        let new = Connection::open(&new)?;
        let salvaged = copy(&damaged, &new)?;
        new.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        salvaged
    };
    swap(file, &new, &aside)?;
    Ok(salvaged)
}

/// Nothing is written to it: not even its log is put into it.
fn open_damaged(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let damaged = Connection::open_with_flags(file, flags)?;
    damaged.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    damaged.pragma_update(None, "query_only", true)?;
    Ok(damaged)
}

fn copy(damaged: &Connection, new: &Connection) -> Result<Salvaged, StoreError> {
    same_schema(damaged, new)?;
    let rewritten = rewritten(damaged);
    // What a row refers to may be lost, and its place is then taken by nothing.
    new.pragma_update(None, "foreign_keys", false)?;
    let mut salvaged = Salvaged::new();
    for table in tables(new)? {
        new.execute_batch("BEGIN")?;
        let copied = Copying { damaged, new, table: &table, rewritten: &rewritten }.run()?;
        new.execute_batch("COMMIT")?;
        salvaged.insert(table, copied);
    }
    orphans(new, &mut salvaged)?;
    Ok(salvaged)
}

fn same_schema(damaged: &Connection, new: &Connection) -> Result<(), StoreError> {
    let version = |journal: &Connection| {
        journal.query_row("SELECT max(version) FROM schema_migrations", [], |row| row.get::<_, i64>(0))
    };
    let (theirs, ours) = (version(damaged)?, version(new)?);
    if theirs == ours {
        return Ok(());
    }
    let schema = format!("version {theirs}; salvage it with the version of the program that wrote it");
    Err(StoreError::UnknownSchema(schema))
}

/// Installations with reports that were rewritten: their bytes are no longer those of the receipts.
fn rewritten(damaged: &Connection) -> BTreeSet<i64> {
    let read = || -> rusqlite::Result<BTreeSet<i64>> {
        let mut select =
            damaged.prepare("SELECT DISTINCT installation FROM revisions WHERE what = 'rewritten'")?;
        select.query_map([], |row| row.get(0))?.collect()
    };
    read().unwrap_or_default()
}

fn tables(new: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = new.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(names.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str())).collect())
}

/// Reports whose policy or installation is lost say nothing any more.
fn orphans(new: &Connection, salvaged: &mut Salvaged) -> rusqlite::Result<()> {
    let orphans = "DELETE FROM reports WHERE policy NOT IN (SELECT policy FROM policies) \
                   OR installation NOT IN (SELECT installation FROM installations) RETURNING seq";
    let mut delete = new.prepare(orphans)?;
    let lost = delete.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let reports = salvaged.entry("reports".to_owned()).or_default();
    reports.kept -= lost.len() as u64;
    reports.lost.extend(lost);
    Ok(())
}

/// One table on its way.
struct Copying<'a> {
    damaged: &'a Connection,
    new: &'a Connection,
    table: &'a str,
    rewritten: &'a BTreeSet<i64>,
}

impl Copying<'_> {
    fn run(&self) -> Result<SalvagedTable, StoreError> {
        let has_numbers = self.damaged.prepare(&format!("SELECT rowid FROM {}", self.table)).is_ok();
        if has_numbers { self.by_number() } else { self.as_far_as_it_goes() }
    }

    /// Each row by its number: a page that cannot be read takes its own rows with it, and no others.
    fn by_number(&self) -> Result<SalvagedTable, StoreError> {
        let last = self.last_number();
        let mut select = self.damaged.prepare(&format!("SELECT * FROM {} WHERE rowid = ?", self.table))?;
        let (mut salvaged, mut misses, mut number, mut kept_last) = (SalvagedTable::default(), 0, 1, 0);
        // Where the last number cannot be read either, it is looked for until many in a row are not there.
        while last.map_or(misses < SALVAGE_MISSES, |last| number <= last) {
            let found = select.query_row([number], |row| Ok((values(row)?, self.is_sound(row)))).optional();
            match found {
                Ok(Some((row, true))) => {
                    self.insert(&row)?;
                    salvaged.kept += 1;
                    (misses, kept_last) = (0, number);
                }
                Ok(None) if last.is_none() => misses += 1,
                Ok(None) if !WITHOUT_GAPS.contains(&self.table) => {}
                Ok(_) => salvaged.lost.push(number),
                Err(error) if is_damage(&error) => {
                    misses += 1;
                    salvaged.lost.push(number);
                }
                Err(error) => return Err(error.into()),
            }
            number += 1;
        }
        if last.is_none() {
            // Where the end cannot be read, neither can what is after it.
            salvaged.end_unknown = true;
            salvaged.lost.retain(|lost| *lost <= kept_last);
        }
        Ok(salvaged)
    }

    /// The last number: the table says it, or one of its indexes.
    fn last_number(&self) -> Option<i64> {
        let table = self.table;
        let last = |from: &str| {
            let select = format!("SELECT coalesce(max(rowid), 0) FROM {table} {from}");
            self.damaged.query_row(&select, [], |row| row.get::<_, i64>(0)).ok()
        };
        let indexes = || -> rusqlite::Result<Vec<String>> {
            let mut select = self.damaged.prepare("SELECT name FROM pragma_index_list(?)")?;
            select.query_map([table], |row| row.get(0))?.collect()
        };
        let by_index = |index: &String| last(&format!("INDEXED BY {index}"));
        last("NOT INDEXED").or_else(|| indexes().ok()?.iter().find_map(by_index))
    }

    /// A table without numbers, which are small ones: up to what cannot be read.
    fn as_far_as_it_goes(&self) -> Result<SalvagedTable, StoreError> {
        let mut select = self.damaged.prepare(&format!("SELECT * FROM {}", self.table))?;
        let mut rows = select.query([])?;
        let mut salvaged = SalvagedTable::default();
        loop {
            match rows.next() {
                Ok(None) => return Ok(salvaged),
                Ok(Some(row)) => {
                    self.insert(&values(row)?)?;
                    salvaged.kept += 1;
                }
                Err(error) if is_damage(&error) => {
                    salvaged.lost.push(0);
                    return Ok(salvaged);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The new journal has some rows by itself, such as counts that begin with nothing.
    fn insert(&self, row: &[Value]) -> rusqlite::Result<()> {
        let places = vec!["?"; row.len()].join(", ");
        let insert = format!("INSERT OR REPLACE INTO {} VALUES ({places})", self.table);
        self.new.prepare_cached(&insert)?.execute(params_from_iter(row)).map(drop)
    }

    /// Whether a row is what it was written as, where it says so itself.
    fn is_sound(&self, row: &Row<'_>) -> bool {
        let sound = || -> Result<bool, StoreError> {
            Ok(match self.table {
                "reports" => {
                    let body = row.get_ref("body")?.as_blob().map_err(rusqlite::Error::from)?;
                    if Body::is_erased(body) {
                        return Ok(true);
                    }
                    let json = Body::read(row.get("body_form")?, body)?;
                    let is_the_receipts =
                        *Digest::of(&json).as_bytes() == row.get::<_, [u8; 32]>("stored_digest")?;
                    is_the_receipts
                        || self.rewritten.contains(&row.get("installation")?) && Report::parse(&json).is_ok()
                }
                "policies" => {
                    let manifest: String = row.get("manifest")?;
                    *Digest::of(manifest.as_bytes()).as_bytes() == row.get::<_, [u8; 32]>("digest")?
                }
                "installations" => {
                    let key = PublicKey::from_bytes(row.get("public_key")?);
                    InstallationId::of(&key).as_str() == row.get::<_, String>("name")?
                }
                _ => true,
            })
        };
        sound().unwrap_or(false)
    }
}

fn values(row: &Row<'_>) -> rusqlite::Result<Vec<Value>> {
    (0..row.as_ref().column_count()).map(|place| row.get(place)).collect()
}

fn is_damage(error: &rusqlite::Error) -> bool {
    let damage = [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase, ErrorCode::SystemIoFailure];
    // Text that is not UTF-8, a number where text belongs: the page can be read, and its bytes are others.
    error.sqlite_error_code().is_none_or(|code| damage.contains(&code))
}

/// Gives the new journal the old one's name. The old one's log goes first: it must never be taken for the new one's.
fn swap(file: &Path, new: &Path, aside: &Path) -> Result<(), StoreError> {
    let named = |path: &Path, done: std::io::Result<()>| {
        done.map_err(|source| StoreError::File { path: path.display().to_string(), source })
    };
    named(aside, std::fs::hard_link(file, aside))?;
    let (log, index) = (with_suffix(file, "-wal"), with_suffix(file, "-shm"));
    if log.exists() {
        named(&log, std::fs::rename(&log, with_suffix(aside, "-wal")))?;
    }
    let _not_there = std::fs::remove_file(index);
    named(file, std::fs::rename(new, file))?;
    remove(new)
}

fn remove(journal: &Path) -> Result<(), StoreError> {
    for path in ["", "-wal", "-shm"].map(|suffix| with_suffix(journal, suffix)) {
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::File { path: path.display().to_string(), source });
            }
            _ => {}
        }
    }
    Ok(())
}
