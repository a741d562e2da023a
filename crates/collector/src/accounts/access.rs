//! What the accounts stand on: a value of their own, so that they know nothing of the rest of the state.

use std::sync::Arc;

use candor_policy::Clock;
use candor_web::Sender;
use candor_web::throttle::{Throttle, TooOften};

use super::failures::Failures;
use super::known_senders::KnownSenders;
use super::password::Hashing;
use crate::limits::{
    NAME_SIGN_IN_BURST, NAME_SIGN_INS_PER_MINUTE, SENDER_SIGN_IN_BURST, SENDER_SIGN_INS_PER_MINUTE,
    SIGN_IN_BURST, SIGN_INS_PER_MINUTE,
};
use crate::store::{Store, StoreError};

/// Who may come in; cloning it is cheap.
#[derive(Clone)]
pub struct Access {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    /// Whether browsers reach this collector over HTTPS.
    pub(super) https: bool,
    pub(super) sign_ins: Arc<SignIns>,
}

impl Access {
    /// The accounts of a store, on this clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>, https: bool) -> Self {
        let sign_ins = Arc::new(SignIns::new(&clock));
        Self { store, clock, https, sign_ins }
    }

    /// Forgets who has tried to sign in and has calmed down.
    pub fn tidy(&self) {
        self.sign_ins.tidy();
    }

    /// Writes one entry into the audit log for all failed attempts that it does not know of yet.
    ///
    /// # Errors
    /// [`StoreError`] where the store fails; they then wait on.
    pub async fn sum_up_failures(&self) -> Result<(), StoreError> {
        // On a task of its own: a reader who goes away must not take along what is neither here nor there at that moment.
        let access = self.clone();
        let summing =
            tokio::spawn(
                async move { access.sign_ins.failures.sum_up(&access.store, access.clock.now()).await },
            );
        summing.await.map_err(|_| StoreError::Closing)?
    }
}

/// What attempts to sign in may cost: how often, how many passwords at once, how many lines of the audit log.
pub(super) struct SignIns {
    by_sender: Throttle<Sender>,
    by_name_and_sender: Throttle<(String, Sender)>,
    /// By name, from wherever its owner has not signed in before: a guesser with many addresses is held up, and the owner is not
    /// locked out.
    by_name: Throttle<String>,
    pub(super) known: KnownSenders,
    pub(super) hashing: Hashing,
    pub(super) failures: Failures,
}

impl SignIns {
    fn new(clock: &Arc<dyn Clock>) -> Self {
        Self {
            by_sender: Throttle::new(SENDER_SIGN_IN_BURST, SENDER_SIGN_INS_PER_MINUTE, clock.clone()),
            by_name_and_sender: Throttle::new(SIGN_IN_BURST, SIGN_INS_PER_MINUTE, clock.clone()),
            by_name: Throttle::new(NAME_SIGN_IN_BURST, NAME_SIGN_INS_PER_MINUTE, clock.clone()),
            known: KnownSenders::default(),
            hashing: Hashing::default(),
            failures: Failures::new(clock),
        }
    }

    /// Forgets keys that have calmed down.
    fn tidy(&self) {
        self.by_sender.tidy();
        self.by_name_and_sender.tidy();
        self.by_name.tidy();
    }

    pub(super) fn pass(&self, name: &str, sender: Sender) -> Result<(), TooOften> {
        self.by_sender.pass(&sender)?;
        let key = (name.to_lowercase(), sender);
        self.by_name_and_sender.pass(&key)?;
        if self.known.contains(&key) { Ok(()) } else { self.by_name.pass(&key.0) }
    }
}
