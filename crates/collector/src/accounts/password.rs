//! Passwords: argon2id with the library's parameters (19 MiB, two passes; OWASP's choice), on threads that may block, a few
//! at a time: however many people try to sign in, it is no more memory than that.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::limits::{HASHES_AT_ONCE, HASHES_WAITING};
use crate::store::StoreError;

/// Stands in for the salt of an account that is not there, so that asking for it takes as long.
const NOBODY: &[u8; 16] = b"no account's one";

/// Hashes passwords, so many at once; more wait, and beyond those they are refused.
pub(super) struct Hashing {
    at_once: Arc<Semaphore>,
    admitted: Semaphore,
}

/// Why a password was not looked at.
#[derive(Debug)]
pub(super) enum HashFault {
    /// As many wait as may.
    Busy,
    /// The system gives no random bytes, or the runtime is stopping.
    Store(StoreError),
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new(HASHES_AT_ONCE, HASHES_WAITING)
    }
}

impl Hashing {
    fn new(at_once: usize, waiting: usize) -> Self {
        Self { at_once: Arc::new(Semaphore::new(at_once)), admitted: Semaphore::new(at_once + waiting) }
    }

    /// Hashes a password, in PHC form.
    ///
    /// # Errors
    /// [`HashFault`].
    pub async fn hash(&self, password: String) -> Result<String, HashFault> {
        let hash = self.work(move || Argon2::default().hash_password(password.as_bytes())).await?;
        hash.map(|hash| hash.to_string())
            .map_err(|error| HashFault::Store(StoreError::Unreadable(format!("a password: {error}"))))
    }

    /// Whether a password is the one that was hashed; `None` takes as long as a wrong one.
    ///
    /// # Errors
    /// [`HashFault`].
    pub async fn is_right(&self, password: String, hash: Option<String>) -> Result<bool, HashFault> {
        self.work(move || match hash {
            Some(hash) => Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok(),
            None => {
                let _same_work = Argon2::default().hash_password_with_salt(password.as_bytes(), NOBODY);
                false
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashFault> {
        let closing = |_| HashFault::Store(StoreError::Closing);
        let _admitted = self.admitted.try_acquire().map_err(|_| HashFault::Busy)?;
        let turn = self.at_once.clone().acquire_owned().await.map_err(closing)?;
        // The turn goes with the work: somebody who hangs up does not make room while the thread still hashes.
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| HashFault::Store(StoreError::Closing))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let hashing = Hashing::default();
        let hashed = hashing.hash("correct horse battery".into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"), "{hashed}");
        assert!(hashing.is_right("correct horse battery".into(), Some(hashed.clone())).await.unwrap());
        assert!(!hashing.is_right("correct horse batterz".into(), Some(hashed)).await.unwrap());
        assert!(!hashing.is_right("anything".into(), None).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_are_hashed_at_once_than_memory_is_meant_for() {
        let hashing = Arc::new(Hashing::new(1, 1));
        let (begun, began) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let first = {
            let hashing = hashing.clone();
            tokio::spawn(async move {
                let work = move || {
                    begun.send(()).unwrap();
                    ended.recv().unwrap();
                };
                hashing.work(work).await.map_err(|_| "refused")
            })
        };
        tokio::task::block_in_place(|| began.recv().unwrap());
        // Whoever asked has hung up, and the thread hashes on: the next one still waits, and the one after it may not.
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        let second = tokio::spawn({
            let hashing = hashing.clone();
            async move { hashing.work(|| "second").await.map_err(|_| "refused") }
        });
        while hashing.admitted.available_permits() == 2 {
            tokio::task::yield_now().await;
        }
        let third = tokio::spawn({
            let hashing = hashing.clone();
            async move { hashing.work(|| "third").await.map_err(|_| "refused") }
        });
        while hashing.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hashing.work(|| "fourth").await, Err(HashFault::Busy)));
        assert!(!second.is_finished() && !third.is_finished(), "they wait for the thread");
        end.send(()).unwrap();
        assert_eq!((second.await.unwrap(), third.await.unwrap()), (Ok("second"), Ok("third")));
    }
}
