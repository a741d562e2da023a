//! Signing in and out. Every attempt, successful or not, is in the audit log; failed ones are summed up where they are many.

use candor_web::ClientAddress;
use candor_web::throttle::TooOften;
use serde::Deserialize;
use tower_sessions::Session;

use super::access::Access;
use super::password::HashFault;
use super::sessions::{ACCOUNT, CSRF, session_failed};
use super::signed_in::SignedIn;
use super::token::token;
use crate::limits::{ACCOUNT_NAME_LONGEST, PASSWORD_LONGEST_BYTES};
use crate::store::{Account, Action, StoreError};

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
    /// The present password is wrong.
    #[error("the present password is wrong")]
    WrongPassword,
    /// Too many attempts.
    #[error("too many attempts; try again in {0} seconds")]
    TooOften(u32),
    /// As many passwords are being held against theirs as may be.
    #[error("too many people sign in at this moment; try again in a few seconds")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HashFault> for SignInFault {
    fn from(fault: HashFault) -> Self {
        match fault {
            HashFault::Busy => Self::Busy,
            HashFault::Store(error) => Self::Store(error),
        }
    }
}

impl From<TooOften> for SignInFault {
    fn from(too_often: TooOften) -> Self {
        Self::TooOften(too_often.retry_after_seconds)
    }
}

/// Signs somebody in, under a new session name.
///
/// # Errors
/// [`SignInFault`].
pub async fn sign_in(
    access: &Access,
    session: &Session,
    given: Credentials,
    address: ClientAddress,
) -> Result<Account, SignInFault> {
    let name = shown(&given.name);
    let sign_ins = &access.sign_ins;
    sign_ins
        .pass(&name, address.sender())
        .inspect_err(|_| sign_ins.failures.turned_away(access.clock.now()))?;
    let (account, hash) = access.store.accounts().named(given.name.trim()).await?.unzip();
    let is_right = given.password.len() <= PASSWORD_LONGEST_BYTES
        && sign_ins
            .hashing
            .is_right(given.password, hash)
            .await
            .inspect_err(|_| sign_ins.failures.turned_away(access.clock.now()))?;
    let from = address.0.map_or_else(|| "an unknown address".to_owned(), |address| address.to_string());
    match account.filter(|_| is_right) {
        Some(account) => {
            let now = access.clock.now();
            access
                .store
                .audit()
                .append(now, &account.name, Action::SignedIn, &format!("from {from}"))
                .await?;
            sign_ins.known.add(&name, address.sender());
            open_session(session, &account).await?;
            Ok(account)
        }
        None => {
            sign_ins.failures.tell(&access.store, access.clock.now(), &name, &from).await?;
            Err(SignInFault::WrongNameOrPassword)
        }
    }
}

/// Signs somebody out.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn sign_out(access: &Access, session: &Session, who: &SignedIn) -> Result<(), StoreError> {
    session.flush().await.map_err(session_failed)?;
    access.store.audit().append(access.clock.now(), &who.account.name, Action::SignedOut, "").await
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
