//! Signing in and out. Every attempt, successful or not, is in the audit log.

use std::net::IpAddr;
use std::sync::Arc;

use candor_policy::Clock;
use serde::Deserialize;
use tower_sessions::Session;

use super::links::token;
use super::password;
use super::sessions::{ACCOUNT, CSRF, session_failed};
use super::signed_in::SignedIn;
use crate::AppState;
use crate::limits::{
    ACCOUNT_NAME_LONGEST, PASSWORD_LONGEST_BYTES, SIGN_IN_BURST, SIGN_INS_PER_MINUTE,
    SIGN_INS_PER_MINUTE_IN_ALL,
};
use crate::store::{Account, Action, StoreError};
use crate::throttle::{Throttle, TooOften};

/// What the sign-in page asks for.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    /// The account's name.
    pub name: String,
    /// Its password.
    pub password: String,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInFault {
    /// The name, the password or both are wrong; which one is not said.
    #[error("the name or the password is wrong")]
    WrongNameOrPassword,
    /// Too many attempts.
    #[error("too many attempts; try again in {0} seconds")]
    TooOften(u32),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TooOften> for SignInFault {
    fn from(too_often: TooOften) -> Self {
        Self::TooOften(too_often.retry_after_seconds)
    }
}

/// Limits on attempts: by name and address together, so that nobody can lock somebody else out, and in all.
pub struct SignInThrottles {
    each: Throttle<(String, Option<IpAddr>)>,
    all: Throttle<()>,
}

impl SignInThrottles {
    /// The limits, on this clock.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        Self {
            each: Throttle::new(SIGN_IN_BURST, SIGN_INS_PER_MINUTE, clock.clone()),
            all: Throttle::new(SIGN_INS_PER_MINUTE_IN_ALL, SIGN_INS_PER_MINUTE_IN_ALL, clock.clone()),
        }
    }

    /// Forgets keys that have calmed down.
    pub fn tidy(&self) {
        self.each.tidy();
    }

    fn pass(&self, name: &str, address: Option<IpAddr>) -> Result<(), TooOften> {
        self.each.pass(&(name.to_lowercase(), address))?;
        self.all.pass(&())
    }
}

/// Signs somebody in, under a new session name.
///
/// # Errors
/// [`SignInFault`].
pub async fn sign_in(
    state: &AppState,
    session: &Session,
    given: Credentials,
    address: Option<IpAddr>,
) -> Result<Account, SignInFault> {
    let name = shown(&given.name);
    state.throttles.sign_ins.pass(&name, address)?;
    let (account, hash) = state.store.accounts().named(given.name.trim()).await?.unzip();
    let is_right =
        given.password.len() <= PASSWORD_LONGEST_BYTES && password::is_right(given.password, hash).await?;
    let from = address.map_or_else(|| "an unknown address".to_owned(), |address| address.to_string());
    let now = state.clock.now();
    match account.filter(|_| is_right) {
        Some(account) => {
            state.store.audit().append(now, &account.name, Action::SignedIn, &format!("from {from}")).await?;
            open_session(session, &account).await?;
            Ok(account)
        }
        None => {
            state.store.audit().append(now, &name, Action::SignInFailed, &format!("from {from}")).await?;
            Err(SignInFault::WrongNameOrPassword)
        }
    }
}

/// Signs somebody out.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn sign_out(state: &AppState, session: &Session, who: &SignedIn) -> Result<(), StoreError> {
    session.flush().await.map_err(session_failed)?;
    state.store.audit().append(state.clock.now(), &who.account.name, Action::SignedOut, "").await
}

/// Gives the session a new name, so that one that was planted before is worth nothing, and puts the account in.
pub(super) async fn open_session(session: &Session, account: &Account) -> Result<(), StoreError> {
    session.cycle_id().await.map_err(session_failed)?;
    session.insert(ACCOUNT, account.number).await.map_err(session_failed)?;
    session.insert(CSRF, token()?).await.map_err(session_failed)
}

/// A name as the audit log takes it, whatever was typed.
fn shown(name: &str) -> String {
    name.trim().chars().filter(|character| !character.is_control()).take(ACCOUNT_NAME_LONGEST).collect()
}
