//! Sessions: tower-sessions over the journal. A session ends a fixed time after its sign-in.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use candor_policy::{Clock, Digest};
use jiff::SignedDuration;
use time::OffsetDateTime;
use tower_sessions::cookie::{Cookie, SameSite};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

use super::access::Access;
use crate::limits::SESSION_HOURS;
use crate::store::{SessionState, Store, StoreError};

/// Where a session holds its account's number.
pub(super) const ACCOUNT: &str = "account";
/// Where a session holds the token that every form must carry.
pub(super) const CSRF: &str = "csrf";

const COOKIE_NAME: &str = "candor_session";

/// Sessions in the journal, under the digest of their name.
#[derive(Clone)]
pub struct JournalSessions {
    store: Store,
    clock: Arc<dyn Clock>,
}

/// The layer that gives handlers their `Session`. The cookie ends with the browser's session, goes to no other site, and
/// no script can read it.
pub fn session_layer(access: &Access) -> SessionManagerLayer<JournalSessions> {
    SessionManagerLayer::new(JournalSessions::new(access))
        .with_name(COOKIE_NAME)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(access.https)
        .with_expiry(Expiry::OnSessionEnd)
}

/// The session that a request's cookie names, without the layer.
pub(super) fn session_of(access: &Access, headers: &HeaderMap) -> Option<Session> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    let id = cookies.find(|cookie| cookie.name() == COOKIE_NAME)?.value().parse().ok()?;
    Some(Session::new(Some(id), Arc::new(JournalSessions::new(access)), None))
}

impl JournalSessions {
    /// Sessions of this collector.
    pub fn new(access: &Access) -> Self {
        Self { store: access.store.clone(), clock: access.clock.clone() }
    }

    /// What the store keeps of a session; its name is not part of it.
    fn state(&self, record: &Record) -> Result<SessionState> {
        let now = self.clock.now();
        Ok(SessionState {
            account: record.data.get(ACCOUNT).and_then(serde_json::Value::as_i64),
            record: serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?,
            expires_at: now.saturating_add(SignedDuration::from_hours(SESSION_HOURS)).unwrap_or(now),
        })
    }
}

impl fmt::Debug for JournalSessions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JournalSessions")
    }
}

#[async_trait]
impl SessionStore for JournalSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let state = self.state(record)?;
        while !self.store.sessions().create(&name(&record.id), state.clone()).await.map_err(failed)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.store.sessions().save(&name(&record.id), self.state(record)?).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.store.sessions().load(&name(id), self.clock.now()).await.map_err(failed)?;
        let Some(data) = found else { return Ok(None) };
        let data: HashMap<_, _> =
            serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        // When it ends is the journal's business; the library only passes this on.
        Ok(Some(Record { id: *id, data, expiry_date: OffsetDateTime::UNIX_EPOCH }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.sessions().delete(&name(id)).await.map_err(failed)
    }
}

fn name(id: &Id) -> Digest {
    Digest::of(&id.0.to_le_bytes())
}

fn failed(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}

/// What the library says, as an error of ours.
pub(super) fn session_failed(error: tower_sessions::session::Error) -> StoreError {
    StoreError::Unreadable(format!("a session: {error}"))
}
