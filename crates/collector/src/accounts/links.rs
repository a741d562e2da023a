//! One-time links: the first account is made through one that the first start prints, later ones through
//! `candor-collector account link`. Only the digest of a link's token is kept.

use candor_policy::{Clock, Digest};
use jiff::SignedDuration;
use serde::Deserialize;
use tower_sessions::Session;

use super::access::Access;
use super::password::HashFault;
use super::sign_in::open_session;
use super::token::token;
use crate::limits::{ACCOUNT_NAME_LONGEST, LINK_HOURS, PASSWORD_LONGEST_BYTES, PASSWORD_SHORTEST};
use crate::store::{Account, Accounts, Creation, NewAccount, NewLink, Role, StoreError};

/// What the page behind a link asks for.
#[derive(Clone, Deserialize)]
pub struct SetupForm {
    /// The token of the link.
    pub token: String,
    /// The new account's name.
    pub name: String,
    /// Its password.
    pub password: String,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum SetupFault {
    /// No such link, or it has expired or was used.
    #[error("this link is not valid: it was used, a newer one was made, or its {LINK_HOURS} hours are over")]
    LinkNotValid,
    /// The name is empty, too long, or has characters that cannot be seen.
    #[error("a name has 1 to {ACCOUNT_NAME_LONGEST} characters that can be seen")]
    NameNotValid,
    /// Somebody has this name.
    #[error("somebody has this name already")]
    NameTaken,
    /// The password is too short or too long.
    #[error(
        "a password has {PASSWORD_SHORTEST} characters at the least, and {PASSWORD_LONGEST_BYTES} bytes at the most"
    )]
    PasswordNotValid,
    /// As many passwords are being hashed as may be.
    #[error("too many people sign in at this moment; try again in a few seconds")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HashFault> for SetupFault {
    fn from(fault: HashFault) -> Self {
        match fault {
            HashFault::Busy => Self::Busy,
            HashFault::Store(error) => Self::Store(error),
        }
    }
}

/// Makes a link under an address; older ones end.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn new_link(
    accounts: Accounts<'_>,
    clock: &dyn Clock,
    address: &str,
) -> Result<String, StoreError> {
    let token = token()?;
    let now = clock.now();
    let new = NewLink {
        token: Digest::of(token.as_bytes()),
        created_at: now,
        expires_at: now.saturating_add(SignedDuration::from_hours(LINK_HOURS)).unwrap_or(now),
        created_by: crate::publish::COMMAND_LINE.to_owned(),
    };
    accounts.add_link(new).await?;
    Ok(format!("{address}/setup?token={token}"))
}

/// Whether a link may still be used, for the page behind it.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn link_is_valid(access: &Access, token: &str) -> Result<bool, StoreError> {
    access.store.accounts().link_is_valid(&Digest::of(token.as_bytes()), access.clock.now()).await
}

/// Makes an administrator's account through a link, and signs it in.
///
/// # Errors
/// [`SetupFault`]; the link then stays as it was.
pub async fn create_account(
    access: &Access,
    session: &Session,
    form: SetupForm,
) -> Result<Account, SetupFault> {
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > ACCOUNT_NAME_LONGEST || name.chars().any(char::is_control) {
        return Err(SetupFault::NameNotValid);
    }
    let is_short = form.password.chars().count() < PASSWORD_SHORTEST;
    if is_short || form.password.len() > PASSWORD_LONGEST_BYTES {
        return Err(SetupFault::PasswordNotValid);
    }
    // Asked before the password is hashed: who has no link costs no hashing.
    if !link_is_valid(access, &form.token).await? {
        return Err(SetupFault::LinkNotValid);
    }
    let password_hash = access.sign_ins.hashing.hash(form.password.clone()).await?;
    let now = access.clock.now();
    let new = NewAccount { name: name.to_owned(), role: Role::Administrator, password_hash, created_at: now };
    match access.store.accounts().create(&Digest::of(form.token.as_bytes()), new).await? {
        Creation::LinkNotValid => Err(SetupFault::LinkNotValid),
        Creation::NameTaken => Err(SetupFault::NameTaken),
        Creation::Created(account) => {
            open_session(session, &account).await?;
            Ok(account)
        }
    }
}
