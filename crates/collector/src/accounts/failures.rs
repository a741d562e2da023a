//! Failed sign-ins in the audit log (law 8): one by one as long as they are few, then summed up, so that none is unseen and no
//! flood fills the disk through the log.

use std::sync::{Arc, Mutex, PoisonError};

use candor_policy::Clock;
use candor_web::throttle::Throttle;
use jiff::Timestamp;

use crate::limits::{FAILURES_TOLD_BURST, FAILURES_TOLD_PER_MINUTE};
use crate::store::{Action, Store, StoreError};

/// Who tried, where many did.
const NOBODY: &str = "not signed in";

/// Failed attempts, and how many of them the audit log does not know of yet.
pub(super) struct Failures {
    told: Throttle<()>,
    untold: Mutex<Untold>,
}

/// Attempts that wait to be summed up.
#[derive(Clone, Copy, Default)]
struct Untold {
    /// With a wrong name or password.
    wrong: u64,
    /// Not looked at: too many came.
    turned_away: u64,
    since: Option<Timestamp>,
}

impl Failures {
    /// None yet.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let told = Throttle::new(FAILURES_TOLD_BURST, FAILURES_TOLD_PER_MINUTE, clock.clone());
        Self { told, untold: Mutex::default() }
    }

    /// An attempt was not looked at.
    pub fn turned_away(&self, now: Timestamp) {
        self.add(Untold { turned_away: 1, since: Some(now), ..Untold::default() });
    }

    fn add(&self, more: Untold) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        untold.wrong += more.wrong;
        untold.turned_away += more.turned_away;
        untold.since = untold.since.into_iter().chain(more.since).min();
    }

    fn take(&self) -> Untold {
        std::mem::take(&mut *self.untold.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the audit log of an attempt with a wrong name or password, at once or later in a sum.
    pub async fn tell(
        &self,
        store: &Store,
        now: Timestamp,
        name: &str,
        from: &str,
    ) -> Result<(), StoreError> {
        if self.told.pass(&()).is_err() {
            self.add(Untold { wrong: 1, since: Some(now), ..Untold::default() });
            return Ok(());
        }
        store.audit().append(now, name, Action::SignInFailed, &format!("from {from}")).await
    }

    /// Writes one entry for all that the audit log does not know of yet; nothing where there are none.
    pub async fn sum_up(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let untold = self.take();
        let Some(since) = untold.since else { return Ok(()) };
        let subject = format!(
            "since {}: {} more with a wrong name or password, {} not looked at because too many came",
            since.strftime("%Y-%m-%d %H:%M:%S"),
            untold.wrong,
            untold.turned_away
        );
        let written = store.audit().append(now, NOBODY, Action::SignInFailed, &subject).await;
        if written.is_err() {
            self.add(untold);
        }
        written
    }
}
