//! Passwords: argon2id with the library's parameters (19 MiB, two passes; OWASP's choice), on a thread that may block.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::store::StoreError;

/// Stands in for the salt of an account that is not there, so that asking for it takes as long.
const NOBODY: &[u8; 16] = b"no account's one";

/// Hashes a password, in PHC form.
///
/// # Errors
/// Where the system gives no random bytes.
pub(super) async fn hash(password: String) -> Result<String, StoreError> {
    on_a_thread(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string())
            .map_err(|error| StoreError::Unreadable(format!("a password: {error}")))
    })
    .await?
}

/// Whether a password is the one that was hashed; `None` takes as long as a wrong one.
///
/// # Errors
/// Where the runtime is stopping.
pub(super) async fn is_right(password: String, hash: Option<String>) -> Result<bool, StoreError> {
    on_a_thread(move || match hash {
        Some(hash) => Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok(),
        None => {
            let _same_work = Argon2::default().hash_password_with_salt(password.as_bytes(), NOBODY);
            false
        }
    })
    .await
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let hashed = hash("correct horse battery".into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"), "{hashed}");
        assert!(is_right("correct horse battery".into(), Some(hashed.clone())).await.unwrap());
        assert!(!is_right("correct horse batterz".into(), Some(hashed)).await.unwrap());
        assert!(!is_right("anything".into(), None).await.unwrap());
    }
}
