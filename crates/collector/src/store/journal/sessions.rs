//! Sessions by the digest of their name: whoever reads the journal's file cannot take a session over.

use candor_policy::Digest;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{Journal, StoreError, moment};

/// What a session holds.
#[derive(Clone, Debug)]
pub struct SessionState {
    /// The account's number, once somebody has signed in.
    pub account: Option<i64>,
    /// All that the session holds, in the caller's own form.
    pub record: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Sessions in the journal.
#[derive(Clone, Copy)]
pub struct Sessions<'a>(pub(in crate::store) &'a Journal);

impl Sessions<'_> {
    /// Adds a session; `false` where its name is taken.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn create(&self, session: &Digest, state: SessionState) -> Result<bool, StoreError> {
        let insert = "INSERT INTO sessions (session_digest, account, record, expires_at) VALUES ($1, $2, $3, $4) \
                      ON CONFLICT (session_digest) DO NOTHING";
        Ok(self.put(insert, *session, state).await? == 1)
    }

    /// Adds a session or replaces what it holds.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn save(&self, session: &Digest, state: SessionState) -> Result<(), StoreError> {
        let upsert = "INSERT INTO sessions (session_digest, account, record, expires_at) VALUES ($1, $2, $3, $4) \
                      ON CONFLICT (session_digest) DO UPDATE SET account = excluded.account, \
                      record = excluded.record, expires_at = excluded.expires_at";
        self.put(upsert, *session, state).await.map(drop)
    }

    async fn put(
        &self,
        statement: &'static str,
        session: Digest,
        state: SessionState,
    ) -> Result<usize, StoreError> {
        let put = move |writer: &Transaction<'_>| {
            let expires_at = moment(state.expires_at);
            let values = params![session.as_bytes(), state.account, state.record, expires_at];
            Ok(writer.prepare_cached(statement)?.execute(values)?)
        };
        self.0.connections.write(put).await
    }

    /// What the session holds, where it has not expired.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn load(&self, session: &Digest, now: Timestamp) -> Result<Option<String>, StoreError> {
        let session = *session;
        let load = move |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached(
                "SELECT record FROM sessions WHERE session_digest = $1 AND expires_at > $2",
            )?;
            Ok(select.query_row(params![session.as_bytes(), moment(now)], |row| row.get(0)).optional()?)
        };
        self.0.connections.read(load).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn delete(&self, session: &Digest) -> Result<(), StoreError> {
        let session = *session;
        let delete = move |writer: &Transaction<'_>| {
            writer.execute("DELETE FROM sessions WHERE session_digest = $1", [session.as_bytes()])?;
            Ok(())
        };
        self.0.connections.write(delete).await
    }

    /// Removes what has expired, sessions and one-time links; returns how many sessions.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let remove = move |writer: &Transaction<'_>| {
            writer.execute("DELETE FROM setup_tokens WHERE expires_at <= $1", [moment(now)])?;
            Ok(writer.execute("DELETE FROM sessions WHERE expires_at <= $1", [moment(now)])? as u64)
        };
        self.0.connections.write(remove).await
    }
}

/// Ends all sessions of an account, within the transaction that removes it; returns how many.
pub(super) fn end_all_of(writer: &Transaction<'_>, account: i64) -> rusqlite::Result<u64> {
    Ok(writer.execute("DELETE FROM sessions WHERE account = $1", [account])? as u64)
}
