//! Accounts of the vendor's staff.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use unicode_security::skeleton;

use super::entry::{Action, NewEntry};
use super::seal::Seal;
use super::{Journal, StoreError, moment, read_moment, sessions};

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Administrator,
}

impl Role {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        match word {
            "administrator" => Ok(Self::Administrator),
            other => Err(StoreError::Unreadable(format!("unknown role `{other}`"))),
        }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number in the store.
    pub number: i64,
    /// Its name, as it was written when the account was created; ASCII letters match in either case.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The password's hash, in PHC form.
    pub password_hash: String,
    /// Now.
    pub created_at: Timestamp,
}

/// What removing an account did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, and its sessions with it.
    Removed {
        /// The account that was.
        account: Account,
        /// How many sessions ended.
        sessions: u64,
    },
    /// No account has this name.
    NoSuchAccount,
    /// It is the only one, and stays: without it nobody could sign in.
    LastAccount,
}

/// Accounts in the journal.
#[derive(Clone, Copy)]
pub struct Accounts<'a> {
    pub(in crate::store) journal: &'a Journal,
    pub(in crate::store) seal: &'a Seal,
}

impl Accounts<'_> {
    /// How many there are.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        self.journal.connections.read(|reader| Ok(count(reader)?.unsigned_abs())).await
    }

    /// The account of this name and its password's hash.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn named(&self, name: &str) -> Result<Option<(Account, String)>, StoreError> {
        let key = key(name);
        let found = move |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached(
                "SELECT account, name, role, password_hash FROM accounts WHERE name_key = $1",
            )?;
            let mut rows = select.query([key])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            Ok(Some((read(row)?, row.get("password_hash")?)))
        };
        self.journal.connections.read(found).await
    }

    /// All of them in the order of their creation, each with its time.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn list(&self) -> Result<Vec<(Account, Timestamp)>, StoreError> {
        let list = |reader: &Transaction<'_>| {
            let mut select =
                reader.prepare("SELECT account, name, role, created_at FROM accounts ORDER BY account")?;
            let rows =
                select.query_and_then([], |row| Ok((read(row)?, read_moment(row.get("created_at")?)?)))?;
            rows.collect()
        };
        self.journal.connections.read(list).await
    }

    /// Removes an account with its sessions, ends all one-time links, since it may know of them, and appends an entry to the
    /// audit log: all or nothing. The last account stays.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn remove(&self, name: &str, by: &str, at: Timestamp) -> Result<Removal, StoreError> {
        let (key, actor) = (key(name), by.to_owned());
        let remove = move |writer: &Transaction<'_>| {
            let Some(account) = find(writer, &key)? else { return Ok((Removal::NoSuchAccount, None)) };
            if count(writer)? == 1 {
                return Ok((Removal::LastAccount, None));
            }
            writer.execute("DELETE FROM setup_tokens", [])?;
            let sessions = sessions::end_all_of(writer, account.number)?;
            writer.execute("DELETE FROM accounts WHERE account = $1", [account.number])?;
            let subject = subject(&account);
            let entry = NewEntry { at, actor, action: Action::AccountRemoved, subject };
            Ok((Removal::Removed { account, sessions }, Some(entry)))
        };
        self.journal.write_audited(self.seal, remove).await
    }

    /// The account of this number.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn numbered(&self, number: i64) -> Result<Option<Account>, StoreError> {
        let find = move |reader: &Transaction<'_>| {
            let mut select =
                reader.prepare_cached("SELECT account, name, role FROM accounts WHERE account = $1")?;
            let mut rows = select.query([number])?;
            rows.next()?.map(read).transpose()
        };
        self.journal.connections.read(find).await
    }
}

/// By which a name is found.
fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// How the audit log names an account.
pub(super) fn subject(account: &Account) -> String {
    format!("account {} ({})", account.name, account.role.word())
}

fn count(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM accounts", [], |row| row.get(0))
}

fn find(connection: &Connection, key: &str) -> Result<Option<Account>, StoreError> {
    let mut select =
        connection.prepare_cached("SELECT account, name, role FROM accounts WHERE name_key = $1")?;
    let mut rows = select.query([key])?;
    rows.next()?.map(read).transpose()
}

/// Whether an account has this name, or one that looks like it (Unicode Technical Standard 39).
pub(super) fn is_name_taken(writer: &Transaction<'_>, name: &str) -> rusqlite::Result<bool> {
    let mut select = writer.prepare("SELECT name FROM accounts")?;
    let names: rusqlite::Result<Vec<String>> = select.query_map([], |row| row.get(0))?.collect();
    Ok(names?.iter().any(|known| look(known) == look(name)))
}

/// What a name looks like, in either case.
fn look(name: &str) -> String {
    skeleton(&name.to_lowercase()).collect()
}

/// Returns the new account's number; `None` where its name is taken.
pub(super) fn insert(writer: &Transaction<'_>, new: &NewAccount) -> rusqlite::Result<Option<i64>> {
    let values =
        params![new.name, key(&new.name), new.role.word(), new.password_hash, moment(new.created_at)];
    let insert = "INSERT INTO accounts (name, name_key, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) \
                  ON CONFLICT (name_key) DO NOTHING RETURNING account";
    writer.query_row(insert, values, |row| row.get(0)).optional()
}

pub(super) fn read(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        number: row.get("account")?,
        name: row.get("name")?,
        role: Role::read(row.get_ref("role")?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}
