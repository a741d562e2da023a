//! One-time links: the first account is made through one that the first start prints, later ones through
//! `candor-collector account link`; `account reset` makes one for a lost password. Only the digest of a link's token is kept.

use candor_policy::{Clock, Digest};
use jiff::SignedDuration;
use serde::Deserialize;
use tower_sessions::Session;

use super::access::Access;
use super::password::HashFault;
use super::password_rules::{NameFault, PasswordFault, check_name, check_password};
use super::sign_in::open_session;
use super::token::token;
use crate::limits::LINK_HOURS;
use crate::store::{Account, Accounts, Creation, LinkPurpose, NewAccount, NewLink, Role, StoreError};

/// What the page behind a link asks for.
#[derive(Clone, Deserialize)]
pub struct SetupForm {
    /// The token of the link.
    pub token: String,
    /// The new account's name; an account that chooses a new password has one.
    #[serde(default)]
    pub name: String,
    /// Its password.
    pub password: String,
}

/// Why a link did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum SetupFault {
    /// No such link, or it has expired or was used.
    #[error("this link is not valid: it was used, a newer one was made, or its {LINK_HOURS} hours are over")]
    LinkNotValid,
    /// The name cannot be chosen.
    #[error(transparent)]
    NameNotValid(#[from] NameFault),
    /// Somebody has this name, or one that looks the same.
    #[error("somebody has this name already, or one that looks the same")]
    NameTaken,
    /// The password cannot be chosen.
    #[error(transparent)]
    PasswordNotValid(#[from] PasswordFault),
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

/// Makes a link under an address, which creates an account, or lets `account` choose a new password; older ones for the same end.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn new_link(
    accounts: Accounts<'_>,
    clock: &dyn Clock,
    address: &str,
    account: Option<Account>,
) -> Result<String, StoreError> {
    let token = token()?;
    let now = clock.now();
    let new = NewLink {
        token: Digest::of(token.as_bytes()),
        account,
        created_at: now,
        expires_at: now.saturating_add(SignedDuration::from_hours(LINK_HOURS)).unwrap_or(now),
        created_by: crate::publish::COMMAND_LINE.to_owned(),
    };
    accounts.add_link(new).await?;
    Ok(format!("{address}/setup?token={token}"))
}

/// What a link is for, for the page behind it; none where it may not be used any more.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn link_purpose(access: &Access, token: &str) -> Result<Option<LinkPurpose>, StoreError> {
    access.store.accounts().link(&Digest::of(token.as_bytes()), access.clock.now()).await
}

/// Does what a link is for, and signs its account in: creates an administrator's account, or gives one a new password.
///
/// # Errors
/// [`SetupFault`]; the link then stays as it was.
pub async fn use_link(access: &Access, session: &Session, form: SetupForm) -> Result<Account, SetupFault> {
    // Asked before the password is hashed: who has no link costs no hashing.
    let account = match link_purpose(access, &form.token).await? {
        None => return Err(SetupFault::LinkNotValid),
        Some(LinkPurpose::NewAccount) => create_account(access, form).await?,
        Some(LinkPurpose::NewPassword(account)) => reset_password(access, &account, form).await?,
    };
    open_session(session, &account).await?;
    Ok(account)
}

async fn create_account(access: &Access, form: SetupForm) -> Result<Account, SetupFault> {
    let name = form.name.trim();
    check_name(name)?;
    check_password(&form.password, name)?;
    let new = NewAccount {
        name: name.to_owned(),
        role: Role::Administrator,
        password_hash: access.sign_ins.hashing.hash(form.password.clone()).await?,
        created_at: access.clock.now(),
    };
    match access.store.accounts().create(&Digest::of(form.token.as_bytes()), new).await? {
        Creation::LinkNotValid => Err(SetupFault::LinkNotValid),
        Creation::NameTaken => Err(SetupFault::NameTaken),
        Creation::Created(account) => Ok(account),
    }
}

async fn reset_password(access: &Access, account: &Account, form: SetupForm) -> Result<Account, SetupFault> {
    check_password(&form.password, &account.name)?;
    let hash = access.sign_ins.hashing.hash(form.password).await?;
    let token = Digest::of(form.token.as_bytes());
    let reset = access.store.accounts().reset_password(&token, hash, access.clock.now()).await?;
    reset.ok_or(SetupFault::LinkNotValid)
}
