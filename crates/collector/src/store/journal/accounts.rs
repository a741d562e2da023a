//! Accounts of the vendor's staff, and the one-time links that create them.

use candor_policy::Digest;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

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

/// A one-time link to create.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// The digest of its token.
    pub token: Digest,
    /// Now.
    pub created_at: Timestamp,
    /// Until when it may be used.
    pub expires_at: Timestamp,
    /// Who creates it, for the audit log.
    pub created_by: String,
}

/// What a one-time link led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The account was created, and the link was used up.
    Created(Account),
    /// The link was not found; it may have expired or been used.
    LinkNotValid,
    /// Another account has this name; the link stays valid.
    NameTaken,
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
            writer.execute("DELETE FROM accounts WHERE account = $1", [account.number])?;
            let sessions = sessions::end_all_of(writer, account.number)?;
            writer.execute("DELETE FROM setup_tokens", [])?;
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

    /// Adds a one-time link and an entry of the audit log: both or neither. Older links end.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn add_link(&self, new: NewLink) -> Result<(), StoreError> {
        let add = move |writer: &Transaction<'_>| {
            writer.execute("DELETE FROM setup_tokens", [])?;
            writer.execute(
                "INSERT INTO setup_tokens (token_digest, created_at, expires_at) VALUES ($1, $2, $3)",
                params![new.token.as_bytes(), moment(new.created_at), moment(new.expires_at)],
            )?;
            let entry = NewEntry {
                at: new.created_at,
                actor: new.created_by,
                action: Action::LinkCreated,
                subject: "one-time link for an administrator".to_owned(),
            };
            Ok(((), Some(entry)))
        };
        self.journal.write_audited(self.seal, add).await
    }

    /// Whether a one-time link may still be used.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn link_is_valid(&self, token: &Digest, now: Timestamp) -> Result<bool, StoreError> {
        let token = *token;
        self.journal.connections.read(move |reader| Ok(link_is_valid(reader, &token, now)?)).await
    }

    /// Creates an account, uses the one-time link up and appends an entry to the audit log: all or nothing.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn create(&self, token: &Digest, new: NewAccount) -> Result<Creation, StoreError> {
        let token = *token;
        let create = move |writer: &Transaction<'_>| {
            if !link_is_valid(writer, &token, new.created_at)? {
                return Ok((Creation::LinkNotValid, None));
            }
            let Some(number) = insert(writer, &new)? else { return Ok((Creation::NameTaken, None)) };
            writer.execute("DELETE FROM setup_tokens WHERE token_digest = $1", [token.as_bytes()])?;
            let account = Account { number, name: new.name, role: new.role };
            let entry = NewEntry {
                at: new.created_at,
                actor: account.name.clone(),
                action: Action::AccountCreated,
                subject: subject(&account),
            };
            Ok((Creation::Created(account), Some(entry)))
        };
        self.journal.write_audited(self.seal, create).await
    }
}

/// By which a name is found.
fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// How the audit log names an account.
fn subject(account: &Account) -> String {
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

fn link_is_valid(connection: &Connection, token: &Digest, now: Timestamp) -> rusqlite::Result<bool> {
    let valid = "SELECT count(*) FROM setup_tokens WHERE token_digest = $1 AND expires_at > $2";
    connection.query_row(valid, params![token.as_bytes(), moment(now)], |row| Ok(row.get::<_, i64>(0)? == 1))
}

/// Returns the new account's number; `None` where its name is taken.
fn insert(writer: &Transaction<'_>, new: &NewAccount) -> rusqlite::Result<Option<i64>> {
    let values =
        params![new.name, key(&new.name), new.role.word(), new.password_hash, moment(new.created_at)];
    let insert = "INSERT INTO accounts (name, name_key, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) \
                  ON CONFLICT (name_key) DO NOTHING RETURNING account";
    writer.query_row(insert, values, |row| row.get(0)).optional()
}

fn read(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        number: row.get("account")?,
        name: row.get("name")?,
        role: Role::read(row.get_ref("role")?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}
