//! What everybody may do with their own account: choose another password, and sign out everywhere.

use candor_web::ClientAddress;
use tower_sessions::Session;

use super::access::Access;
use super::password_rules::{PasswordFault, check_password};
use super::sessions::session_failed;
use super::sign_in::{SignInFault, open_session};
use super::signed_in::SignedIn;
use crate::limits::PASSWORD_LONGEST_BYTES;
use crate::store::StoreError;

/// Why a password stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFault {
    /// The present one is wrong, or it was tried too often.
    #[error(transparent)]
    Present(#[from] SignInFault),
    /// The new one cannot be chosen.
    #[error(transparent)]
    New(#[from] PasswordFault),
}

impl From<StoreError> for ChangeFault {
    fn from(error: StoreError) -> Self {
        Self::Present(error.into())
    }
}

/// Gives somebody another password. All their sessions end; this browser gets a new one.
///
/// # Errors
/// [`ChangeFault`]; the password then stays as it was.
pub async fn change_password(
    access: &Access,
    session: &Session,
    who: &SignedIn,
    present: String,
    new: String,
    address: ClientAddress,
) -> Result<(), ChangeFault> {
    let account = &who.account;
    check_password(&new, &account.name)?;
    let sign_ins = &access.sign_ins;
    // Whoever sits down at a browser that somebody left open guesses no faster than at the sign-in page.
    sign_ins.pass(&account.name, address.sender()).map_err(SignInFault::from)?;
    let hash = access.store.accounts().named(&account.name).await?.map(|(_, hash)| hash);
    let is_right = present.len() <= PASSWORD_LONGEST_BYTES
        && sign_ins.hashing.is_right(present, hash).await.map_err(SignInFault::from)?;
    if !is_right {
        return Err(SignInFault::WrongPassword.into());
    }
    let hash = sign_ins.hashing.hash(new).await.map_err(SignInFault::from)?;
    access.store.accounts().change_password(account, hash, access.clock.now()).await?;
    Ok(open_session(session, account).await?)
}

/// Ends all sessions of somebody, this one too. Returns how many there were.
///
/// # Errors
/// [`StoreError`] where the store fails.
pub async fn sign_out_everywhere(
    access: &Access,
    session: &Session,
    who: &SignedIn,
) -> Result<u64, StoreError> {
    let ended = access.store.accounts().end_sessions(&who.account, access.clock.now()).await?;
    session.flush().await.map_err(session_failed)?;
    Ok(ended)
}
