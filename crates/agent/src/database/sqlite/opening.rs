//! How a SQLite file is opened so that nothing of candor stays beside it.
//!
//! SQLite, also where it only reads, makes the files `-wal` and `-shm` beside a database in WAL mode that has none, as the
//! calling user, and the product may then be locked out. So a database without a `-wal` is opened as immutable: it holds all that was
//! written, no file is made and no lock is taken, and whether that was still true is looked at after each statement
//! ([`Sight`]). One whose `-wal` and `-shm` are there is read through them. In rollback mode a reader's lock would refuse the
//! product's writes, so no lock is taken there either, for as long as statements find the file at rest.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use candor_policy::Reason;
use rusqlite::{Connection, OpenFlags};

use crate::database::Failure;

/// The file's header (<https://www.sqlite.org/fileformat2.html>).
const HEADER_BYTES: usize = 100;
const READ_VERSION_AT: usize = 19;
const CHANGES_AT: std::ops::Range<usize> = 24..28;
const WRITTEN_BY_AT: usize = 96;
const READ_VERSION_WAL: u8 = 2;
/// SQLite's way to a file without any lock (<https://www.sqlite.org/vfs.html>).
const UNLOCKED: &str = if cfg!(windows) { "vfs=win32-none" } else { "vfs=unix-none" };

/// A file that was opened.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) way: Way,
    /// The version of SQLite that wrote last; `None` where the file is empty.
    pub(super) written_by: Option<u32>,
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In rollback mode, as long as the file was at rest while a statement read.
    Unlocked(Sight),
    /// In rollback mode: while a statement reads, the product cannot write.
    Locking,
    /// In WAL mode, through the product's own side files: nobody waits for anybody.
    BesideTheProduct,
    /// In WAL mode and closed by the product: as it was seen to be.
    Immutable(Sight),
}

/// What a file looked like. A product that has written since, or is writing, is seen by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    modified: SystemTime,
    bytes: u64,
    /// Counts the product's transactions.
    changes: Option<[u8; 4]>,
    has_wal: bool,
    /// Whether a rollback journal is in use: a transaction has begun to write.
    has_journal: bool,
}

impl Sight {
    /// Looks at a file. No connection of this process may hold a lock on it: closing any handle drops them all.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Self::with(path, header(path)?.as_ref())
    }

    fn with(path: &Path, header: Option<&[u8; HEADER_BYTES]>) -> io::Result<Self> {
        let found = fs::metadata(path)?;
        let changes = header.and_then(|header| header[CHANGES_AT].try_into().ok());
        let has_wal = beside(path, "-wal").try_exists()?;
        let has_journal = is_in_use(&beside(path, "-journal"))?;
        Ok(Self { modified: found.modified()?, bytes: found.len(), changes, has_wal, has_journal })
    }

    /// Whether what was read since is what the product has committed.
    pub(super) fn holds(&self, path: &Path) -> bool {
        !self.has_journal && Self::of(path).is_ok_and(|now| now == *self)
    }
}

/// A journal that has ended is gone, empty, or begins with zeros (<https://www.sqlite.org/pragma.html#pragma_journal_mode>).
fn is_in_use(journal: &Path) -> io::Result<bool> {
    let mut first = [0];
    match File::open(journal).and_then(|file| file.take(1).read_exact(&mut first)) {
        Ok(()) => Ok(first != [0]),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Opens a file; `may_lock` where the product writes so much that it cannot be read otherwise. It may block, for a file
/// system that does not answer.
pub(super) fn open(path: &Path, lock_timeout: Duration, may_lock: bool) -> Result<Opened, Failure> {
    let shown = path.display();
    let unreadable = |error: io::Error| {
        let reason = match error.kind() {
            io::ErrorKind::PermissionDenied => Reason::AccessDenied,
            _ => Reason::Unreachable,
        };
        Failure::new(reason, format!("the database file {shown} cannot be opened ({error}); check the path"))
    };
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Failure::new(Reason::Failed, format!("{shown} is not a regular file; check the path")));
    }
    let header = header(path).map_err(unreadable)?;
    let sight = Sight::with(path, header.as_ref()).map_err(unreadable)?;
    let way = match &header {
        Some(header) if header[READ_VERSION_AT] == READ_VERSION_WAL => way_in_wal_mode(path, sight)?,
        Some(_) if !may_lock => Way::Unlocked(sight),
        Some(_) | None => Way::Locking,
    };
    let connection = connect(path, &way, lock_timeout);
    let connection = connection.map_err(|error| Failure::of_sqlite(&error, &format!("opening {shown}")))?;
    let written_by = header.map(|header| {
        let number = &header[WRITTEN_BY_AT..];
        u32::from_be_bytes([number[0], number[1], number[2], number[3]])
    });
    Ok(Opened { connection, way, written_by })
}

fn header(path: &Path) -> io::Result<Option<[u8; HEADER_BYTES]>> {
    let mut header = [0; HEADER_BYTES];
    match File::open(path)?.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        read => read.map(|()| Some(header)),
    }
}

fn way_in_wal_mode(path: &Path, sight: Sight) -> Result<Way, Failure> {
    if !sight.has_wal {
        return Ok(Way::Immutable(sight));
    }
    // SQLite would make it, and it would be candor's.
    if !beside(path, "-shm").exists() {
        return Err(Failure::new(
            Reason::Locked,
            format!(
                "{} was not closed by its product: its -wal file is there and its -shm file is not; start the product, or let \
                 it end in good order, and try again",
                path.display()
            ),
        ));
    }
    Ok(Way::BesideTheProduct)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn connect(path: &Path, way: &Way, lock_timeout: Duration) -> rusqlite::Result<Connection> {
    match way {
        Way::Unlocked(_) => connect_with(path, Some(UNLOCKED), lock_timeout),
        Way::Locking => connect_with(path, None, lock_timeout),
        Way::Immutable(_) => connect_with(path, Some("immutable=1"), lock_timeout),
        Way::BesideTheProduct => {
            // So, SQLite does not make a -shm where the product closes the file at this very moment. It reads nothing where no
            // process has left a mark in there that it may read from.
            let connection = connect_with(path, Some("readonly_shm=1"), lock_timeout)?;
            match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
                Err(error) if is_about_side_files(&error) => connect_with(path, None, lock_timeout),
                read => read.map(|()| connection),
            }
        }
    }
}

fn is_about_side_files(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, ReadOnly};
    matches!(error.sqlite_error_code(), Some(CannotOpen | ReadOnly))
}

fn connect_with(path: &Path, option: Option<&str>, lock_timeout: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match option {
        None => Connection::open_with_flags(path, flags),
        Some(option) => Connection::open_with_flags(uri(path, option), flags | OpenFlags::SQLITE_OPEN_URI),
    }?;
    connection.busy_timeout(lock_timeout)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A path as a URI (<https://www.sqlite.org/uri.html>); whatever is not a plain letter is percent-encoded, so that any bytes are a path.
fn uri(path: &Path, option: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte))
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push('?');
    uri.push_str(option);
    uri
}
