//! One-time links: each creates an account, or lets one choose a new password.

use candor_policy::Digest;
use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::accounts::{Account, Accounts, NewAccount, insert, is_name_taken, read, subject};
use super::entry::{Action, NewEntry};
use super::{StoreError, moment, sessions};

/// A one-time link to create.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// The digest of its token.
    pub token: Digest,
    /// The account that may choose a new password; none: the link creates an account.
    pub account: Option<Account>,
    /// Now.
    pub created_at: Timestamp,
    /// Until when it may be used.
    pub expires_at: Timestamp,
    /// Who creates it, for the audit log.
    pub created_by: String,
}

/// What a link that is valid is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// It creates an account.
    NewAccount,
    /// This account chooses a new password.
    NewPassword(Account),
}

/// What a one-time link led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The account was created, and the link was used up.
    Created(Account),
    /// The link was not found; it may have expired or been used.
    LinkNotValid,
    /// Another account has this name, or one that looks the same; the link stays valid.
    NameTaken,
}

impl Accounts<'_> {
    /// Adds a one-time link and an entry of the audit log: both or neither. Older links for the same end.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn add_link(&self, new: NewLink) -> Result<(), StoreError> {
        let add = move |writer: &Transaction<'_>| {
            let account = new.account.as_ref().map(|account| account.number);
            writer.execute("DELETE FROM setup_tokens WHERE account IS $1", [account])?;
            writer.execute(
                "INSERT INTO setup_tokens (token_digest, created_at, expires_at, account) VALUES ($1, $2, $3, $4)",
                params![new.token.as_bytes(), moment(new.created_at), moment(new.expires_at), account],
            )?;
            let entry = NewEntry {
                at: new.created_at,
                actor: new.created_by,
                action: Action::LinkCreated,
                subject: new.account.map_or_else(
                    || "one-time link for an administrator".to_owned(),
                    |account| format!("one-time link for a new password of {}", subject(&account)),
                ),
            };
            Ok(((), Some(entry)))
        };
        self.journal.write_audited(self.seal, add).await
    }

    /// What a one-time link is for; none where it may not be used any more.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn link(&self, token: &Digest, now: Timestamp) -> Result<Option<LinkPurpose>, StoreError> {
        let token = *token;
        self.journal.connections.read(move |reader| find_link(reader, &token, now)).await
    }

    /// Creates an account, uses the one-time link up and appends an entry to the audit log: all or nothing.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn create(&self, token: &Digest, new: NewAccount) -> Result<Creation, StoreError> {
        let token = *token;
        let create = move |writer: &Transaction<'_>| {
            if find_link(writer, &token, new.created_at)? != Some(LinkPurpose::NewAccount) {
                return Ok((Creation::LinkNotValid, None));
            }
            if is_name_taken(writer, &new.name)? {
                return Ok((Creation::NameTaken, None));
            }
            let Some(number) = insert(writer, &new)? else { return Ok((Creation::NameTaken, None)) };
            use_up(writer, &token)?;
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

    /// Gives the account of a one-time link another password, ends its sessions, uses the link up and appends an entry to the
    /// audit log: all or nothing. None where the link is not valid.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn reset_password(
        &self,
        token: &Digest,
        password_hash: String,
        at: Timestamp,
    ) -> Result<Option<Account>, StoreError> {
        let token = *token;
        let reset = move |writer: &Transaction<'_>| {
            let Some(LinkPurpose::NewPassword(account)) = find_link(writer, &token, at)? else {
                return Ok((None, None));
            };
            use_up(writer, &token)?;
            let entry = set_password(writer, &account, &password_hash, at, Action::PasswordReset)?;
            Ok((Some(account), Some(entry)))
        };
        self.journal.write_audited(self.seal, reset).await
    }

    /// Gives an account another password, ends its sessions and appends an entry to the audit log: all or nothing.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn change_password(
        &self,
        account: &Account,
        password_hash: String,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let account = account.clone();
        let change = move |writer: &Transaction<'_>| {
            let entry = set_password(writer, &account, &password_hash, at, Action::PasswordChanged)?;
            Ok(((), Some(entry)))
        };
        self.journal.write_audited(self.seal, change).await
    }

    /// Ends all sessions of an account and appends an entry to the audit log: both or neither. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn end_sessions(&self, account: &Account, at: Timestamp) -> Result<u64, StoreError> {
        let account = account.clone();
        let end = move |writer: &Transaction<'_>| {
            let ended = sessions::end_all_of(writer, account.number)?;
            let entry = NewEntry {
                at,
                actor: account.name.clone(),
                action: Action::SignedOut,
                subject: format!("everywhere: {ended} sessions"),
            };
            Ok((ended, Some(entry)))
        };
        self.journal.write_audited(self.seal, end).await
    }
}

fn set_password(
    writer: &Transaction<'_>,
    account: &Account,
    password_hash: &str,
    at: Timestamp,
    action: Action,
) -> rusqlite::Result<NewEntry> {
    writer.execute(
        "UPDATE accounts SET password_hash = $1 WHERE account = $2",
        params![password_hash, account.number],
    )?;
    sessions::end_all_of(writer, account.number)?;
    // A link that somebody else asked for would undo it.
    writer.execute("DELETE FROM setup_tokens WHERE account = $1", [account.number])?;
    Ok(NewEntry { at, actor: account.name.clone(), action, subject: subject(account) })
}

fn find_link(
    reader: &Transaction<'_>,
    token: &Digest,
    now: Timestamp,
) -> Result<Option<LinkPurpose>, StoreError> {
    let mut select = reader.prepare_cached(
        "SELECT setup_tokens.account AS of_account, accounts.account, name, role
         FROM setup_tokens
         LEFT JOIN accounts ON accounts.account = setup_tokens.account
         WHERE token_digest = $1 AND expires_at > $2",
    )?;
    let mut rows = select.query(params![token.as_bytes(), moment(now)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(match row.get::<_, Option<i64>>("of_account")? {
        Some(_) => LinkPurpose::NewPassword(read(row)?),
        None => LinkPurpose::NewAccount,
    }))
}

fn use_up(writer: &Transaction<'_>, token: &Digest) -> rusqlite::Result<usize> {
    writer.execute("DELETE FROM setup_tokens WHERE token_digest = $1", [token.as_bytes()])
}
