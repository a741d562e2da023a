//! Accounts of the vendor's staff, and the one-time links that create them.

use candor_policy::Digest;
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use super::audit::{self, Action, NewEntry};
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
            other => Err(StoreError::Unreadable(format!("`{other}` is no role"))),
        }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number in the store.
    pub number: i64,
    /// Its name; letters match in either case.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// An account that is about to be made.
pub struct NewAccount<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// The password's hash, in PHC form.
    pub password_hash: &'a str,
    /// Now.
    pub created_at: Timestamp,
}

/// A one-time link that is about to be made.
pub struct NewLink<'a> {
    /// The digest of its token.
    pub token: Digest,
    /// Now.
    pub created_at: Timestamp,
    /// Until when it may be used.
    pub expires_at: Timestamp,
    /// Who makes it.
    pub created_by: &'a str,
}

/// What a one-time link led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The account was made; the link is used up.
    Created(Account),
    /// No such link, or it has expired or was used.
    LinkNotValid,
    /// An account of this name is there already; the link stays valid.
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
    /// There is no account of this name.
    NoSuchAccount,
    /// It is the only one: nobody could sign in any more.
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
        let row = sqlx::query("SELECT count(*) FROM accounts").fetch_one(&self.journal.readers).await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }

    /// The account of this name and its password's hash.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn named(&self, name: &str) -> Result<Option<(Account, String)>, StoreError> {
        let row = sqlx::query("SELECT account, name, role, password_hash FROM accounts WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.journal.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((read(&row)?, row.try_get("password_hash")?)))
    }

    /// All of them, in the order in which they were made, and when that was.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn list(&self) -> Result<Vec<(Account, Timestamp)>, StoreError> {
        let rows = sqlx::query("SELECT account, name, role, created_at FROM accounts ORDER BY account")
            .fetch_all(&self.journal.readers)
            .await?;
        rows.iter().map(|row| Ok((read(row)?, read_moment(row.try_get("created_at")?)?))).collect()
    }

    /// Removes an account with its sessions, ends the one-time links that it may know of, and says so in the audit log: all
    /// or nothing. The last account stays.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn remove(&self, name: &str, by: &str, at: Timestamp) -> Result<Removal, StoreError> {
        let mut writer = self.journal.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        let removed = sqlx::query("DELETE FROM accounts WHERE name = ? RETURNING account, name, role")
            .bind(name)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = removed else { return Ok(Removal::NoSuchAccount) };
        let account = read(&row)?;
        let left = sqlx::query("SELECT count(*) FROM accounts").fetch_one(&mut *transaction).await?;
        if left.try_get::<i64, _>(0)? == 0 {
            return Ok(Removal::LastAccount);
        }
        let sessions = sessions::end_all_of(&mut transaction, account.number).await?;
        sqlx::query("DELETE FROM setup_tokens").execute(&mut *transaction).await?;
        let subject = format!("account {} ({})", account.name, account.role.word());
        let entry = NewEntry { at, actor: by, action: Action::AccountRemoved, subject: &subject };
        let head = audit::append(&mut transaction, self.seal, entry).await?;
        transaction.commit().await?;
        self.seal.keep(&head, writer).await;
        Ok(Removal::Removed { account, sessions })
    }

    /// The account of this number.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn numbered(&self, number: i64) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query("SELECT account, name, role FROM accounts WHERE account = ?")
            .bind(number)
            .fetch_optional(&self.journal.readers)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Records a one-time link, and says so in the audit log: both or neither. Older links end.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn add_link(&self, new: &NewLink<'_>) -> Result<(), StoreError> {
        let mut writer = self.journal.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM setup_tokens").execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO setup_tokens (token_digest, created_at, expires_at) VALUES (?, ?, ?)")
            .bind(new.token.as_bytes().as_slice())
            .bind(moment(new.created_at))
            .bind(moment(new.expires_at))
            .execute(&mut *transaction)
            .await?;
        let entry = NewEntry {
            at: new.created_at,
            actor: new.created_by,
            action: Action::LinkCreated,
            subject: "one-time link for an administrator",
        };
        let head = audit::append(&mut transaction, self.seal, entry).await?;
        transaction.commit().await?;
        self.seal.keep(&head, writer).await;
        Ok(())
    }

    /// Whether a one-time link may still be used.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn link_is_valid(&self, token: &Digest, now: Timestamp) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT count(*) FROM setup_tokens WHERE token_digest = ? AND expires_at > ?")
            .bind(token.as_bytes().as_slice())
            .bind(moment(now))
            .fetch_one(&self.journal.readers)
            .await?;
        Ok(row.try_get::<i64, _>(0)? == 1)
    }

    /// Uses a one-time link up, makes the account and says so in the audit log: all or nothing.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn create(&self, token: &Digest, new: &NewAccount<'_>) -> Result<Creation, StoreError> {
        let mut writer = self.journal.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        let used = sqlx::query("DELETE FROM setup_tokens WHERE token_digest = ? AND expires_at > ?")
            .bind(token.as_bytes().as_slice())
            .bind(moment(new.created_at))
            .execute(&mut *transaction)
            .await?;
        if used.rows_affected() == 0 {
            return Ok(Creation::LinkNotValid);
        }
        let created = sqlx::query(
            "INSERT INTO accounts (name, role, password_hash, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (name) DO NOTHING RETURNING account",
        )
        .bind(new.name)
        .bind(new.role.word())
        .bind(new.password_hash)
        .bind(moment(new.created_at))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = created else { return Ok(Creation::NameTaken) };
        let account = Account { number: row.try_get(0)?, name: new.name.to_owned(), role: new.role };
        let subject = format!("account {} ({})", account.name, account.role.word());
        let entry = NewEntry {
            at: new.created_at,
            actor: new.name,
            action: Action::AccountCreated,
            subject: &subject,
        };
        let head = audit::append(&mut transaction, self.seal, entry).await?;
        transaction.commit().await?;
        self.seal.keep(&head, writer).await;
        Ok(Creation::Created(account))
    }
}

fn read(row: &SqliteRow) -> Result<Account, StoreError> {
    Ok(Account {
        number: row.try_get("account")?,
        name: row.try_get("name")?,
        role: Role::read(row.try_get("role")?)?,
    })
}
