//! Sessions by the digest of their name: who reads the journal's file cannot take a session over.

use candor_policy::Digest;
use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{Journal, StoreError, moment};

/// Sessions in the journal. What they hold is the caller's; here it is text, of
/// which one field is known: see [`end_all_of`].
#[derive(Clone, Copy)]
pub struct Sessions<'a>(pub(in crate::store) &'a Journal);

impl Sessions<'_> {
    /// Keeps a session that is not there yet; `false` where its name is taken.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn create(
        &self,
        session: &Digest,
        record: &str,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO sessions (session_digest, record, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(session.as_bytes().as_slice())
        .bind(record)
        .bind(moment(expires))
        .execute(&mut *self.0.writer.lock().await)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Keeps a session's new state.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn save(&self, session: &Digest, record: &str, expires: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions (session_digest, record, expires_at) VALUES (?, ?, ?) \
             ON CONFLICT (session_digest) DO UPDATE SET record = excluded.record, expires_at = excluded.expires_at",
        )
        .bind(session.as_bytes().as_slice())
        .bind(record)
        .bind(moment(expires))
        .execute(&mut *self.0.writer.lock().await)
        .await?;
        Ok(())
    }

    /// The session, where it has not expired.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn load(&self, session: &Digest, now: Timestamp) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT record FROM sessions WHERE session_digest = ? AND expires_at > ?")
            .bind(session.as_bytes().as_slice())
            .bind(moment(now))
            .fetch_optional(&self.0.readers)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn delete(&self, session: &Digest) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE session_digest = ?")
            .bind(session.as_bytes().as_slice())
            .execute(&mut *self.0.writer.lock().await)
            .await?;
        Ok(())
    }

    /// Removes what has expired, sessions and one-time links; returns how many sessions.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut writer = self.0.writer.lock().await;
        sqlx::query("DELETE FROM setup_tokens WHERE expires_at <= ?")
            .bind(moment(now))
            .execute(&mut *writer)
            .await?;
        let removed = sqlx::query("DELETE FROM sessions WHERE expires_at <= ?")
            .bind(moment(now))
            .execute(&mut *writer)
            .await?;
        Ok(removed.rows_affected())
    }
}

/// Ends all sessions of an account, within the transaction that removes it; returns how many. What a session holds is the
/// caller's, but for `account`: the number of whoever is signed in.
pub(super) async fn end_all_of(connection: &mut SqliteConnection, account: i64) -> Result<u64, StoreError> {
    let ended = sqlx::query("DELETE FROM sessions WHERE json_extract(record, '$.account') = ?")
        .bind(account)
        .execute(connection)
        .await?;
    Ok(ended.rows_affected())
}
