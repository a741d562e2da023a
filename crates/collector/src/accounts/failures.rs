//! Failed sign-ins in the audit log (law 8): one by one as long as they are few, then summed up, so that none is unseen and no
//! flood fills the disk through the log.

use std::sync::{Arc, Mutex, PoisonError};

use candor_policy::Clock;
use jiff::Timestamp;

use crate::AppState;
use crate::limits::{FAILURES_TOLD_BURST, FAILURES_TOLD_PER_MINUTE};
use crate::store::{Action, StoreError};
use crate::throttle::Throttle;

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
}

/// Tells the audit log of an attempt with a wrong name or password, at once or later in a sum.
pub(super) async fn tell(state: &AppState, name: &str, from: &str) -> Result<(), StoreError> {
    let (failures, now) = (&state.sign_ins.failures, state.clock.now());
    if failures.told.pass(&()).is_err() {
        failures.add(Untold { wrong: 1, since: Some(now), ..Untold::default() });
        return Ok(());
    }
    state.store.audit().append(now, name, Action::SignInFailed, &format!("from {from}")).await
}

/// Writes one entry for all failed attempts that the audit log does not know of yet; nothing where there are none.
///
/// # Errors
/// [`StoreError`] where the store fails; they then wait on.
pub async fn sum_up_failures(state: &AppState) -> Result<(), StoreError> {
    // On a task of its own: a reader who goes away must not take along what is neither here nor there at that moment.
    let summing = tokio::spawn(sum_up(state.clone()));
    summing.await.map_err(|_| StoreError::Closing)?
}

async fn sum_up(state: AppState) -> Result<(), StoreError> {
    let untold = state.sign_ins.failures.take();
    let Some(since) = untold.since else { return Ok(()) };
    let subject = format!(
        "since {}: {} more with a wrong name or password, {} not looked at because too many came",
        since.strftime("%Y-%m-%d %H:%M:%S"),
        untold.wrong,
        untold.turned_away
    );
    let written = state.store.audit().append(state.clock.now(), NOBODY, Action::SignInFailed, &subject).await;
    if written.is_err() {
        state.sign_ins.failures.add(untold);
    }
    written
}
