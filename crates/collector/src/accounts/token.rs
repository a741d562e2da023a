//! Tokens that nobody can guess: those of links, and those of a session's forms.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::store::StoreError;

/// 32 random bytes, base64url.
pub(super) fn token() -> Result<String, StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| StoreError::Unreadable(format!("the system gives no random bytes: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
