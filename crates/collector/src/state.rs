//! What every handler gets: the store, the clock, the configuration, the collector's key and its limits. No globals.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use axum::extract::FromRef;
use candor_policy::Clock;
use candor_web::limits::SMALL_BYTES;
use candor_web::throttle::{SenderThrottle, Throttle};
use candor_web::{Sender, TrustedProxy};

use crate::accounts::Access;
use crate::config::{Caps, Config};
use crate::disk::Disk;
use crate::ingest::{
    Acknowledger, Allowance, Allowances, BlockedInstallations, InstallationCache, Intake, PolicyCache,
    Quotas, Refusals, Signer,
};
use crate::limits;
use crate::meters::Meters;
use crate::readiness::Readiness;
use crate::store::Store;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Shared state; cloning it is cheap.
#[derive(Clone)]
pub struct AppState(Arc<State>);

/// What is shared.
pub struct State {
    /// Journal and columns.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How this collector was started.
    pub config: Config,
    /// Installations, kept ready.
    pub installations: InstallationCache,
    /// Installations that are blocked.
    pub blocked: BlockedInstallations,
    /// Published policies, kept ready.
    pub policies: PolicyCache,
    /// Checks the signatures of reports and makes them durable.
    pub acknowledger: Acknowledger,
    /// Signs receipts.
    pub signer: Signer,
    /// Limits on how often.
    pub throttles: Throttles,
    /// What requests on their way in may hold.
    pub intake: Intake,
    /// Whether there is room on the disk.
    pub disk: Disk,
    /// Who may come in.
    pub access: Access,
    /// Refusals that have not reached the journal yet.
    pub refusals: Refusals,
    /// The collector's own metrics.
    pub meters: Meters,
    /// How far the columns have come.
    pub projected: Projected,
    /// Whether reports can be taken in.
    pub readiness: Readiness,
}

/// Limits on how often.
pub struct Throttles {
    /// Reports, by the installation's number.
    pub reports: Arc<Quotas<i64>>,
    /// Requests under somebody else's name, by sender.
    pub forgeries: Quotas<Sender>,
    /// Enrolments, by sender.
    pub enrolments: SenderThrottle,
}

/// How far the columns have come, as the projector last said.
#[derive(Debug, Default)]
pub struct Projected {
    batch: AtomicI64,
    failed: AtomicBool,
}

impl Projected {
    /// The last batch that the columns hold.
    pub fn batch(&self) -> i64 {
        self.batch.load(Ordering::Relaxed)
    }

    /// Whether the projector's last step failed.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// The columns hold this batch, and not yet all that they should say of it.
    pub fn stands_at(&self, batch: i64) {
        self.batch.store(batch, Ordering::Relaxed);
    }

    /// The columns hold this batch.
    pub fn reached(&self, batch: i64) {
        self.batch.store(batch, Ordering::Relaxed);
        self.failed.store(false, Ordering::Relaxed);
    }

    /// A step failed.
    pub fn failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }
}

impl AppState {
    /// Shares the state of a collector, and starts the thread that acknowledges reports: call it on a runtime.
    ///
    /// # Errors
    /// Where the journal cannot be opened, or the system gives no thread.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        config: Config,
        signer: Signer,
        meters: Meters,
        readiness: Readiness,
    ) -> anyhow::Result<Self> {
        let throttles = Throttles::new(&config.caps, &clock);
        let disk = Disk::new(config.caps.disk_floor_bytes);
        disk.look(meters.disk_free_bytes());
        let access = Access::new(store.clone(), clock.clone(), config.is_https());
        let committer = store.committer(clock.clone())?;
        let acknowledger = Acknowledger::start(committer, throttles.reports.clone())?;
        Ok(Self(Arc::new(State {
            store,
            config,
            installations: InstallationCache::default(),
            blocked: BlockedInstallations::default(),
            policies: PolicyCache::default(),
            acknowledger,
            signer,
            clock,
            throttles,
            intake: Intake::default(),
            disk,
            access,
            refusals: Refusals::default(),
            meters,
            projected: Projected::default(),
            readiness,
        })))
    }
}

impl FromRef<AppState> for Option<TrustedProxy> {
    fn from_ref(state: &AppState) -> Self {
        state.config.trusted_proxy.clone()
    }
}

impl FromRef<AppState> for Access {
    fn from_ref(state: &AppState) -> Self {
        state.access.clone()
    }
}

impl Throttles {
    fn new(caps: &Caps, clock: &Arc<dyn Clock>) -> Self {
        let each = Throttle::new(caps.enrolments_burst, caps.enrolments_per_minute, clock.clone());
        let machine = Throttle::new(
            limits::ENROLMENTS_BURST_IN_ALL,
            limits::ENROLMENTS_PER_MINUTE_IN_ALL,
            clock.clone(),
        );
        Self {
            reports: Arc::new(Quotas::new(reports_allowed(caps), clock.clone())),
            forgeries: Quotas::new(forgeries_allowed(), clock.clone()),
            enrolments: SenderThrottle::new(each, machine),
        }
    }

    /// Forgets keys that have calmed down.
    pub fn tidy(&self) {
        self.reports.tidy();
        self.forgeries.tidy();
        self.enrolments.tidy();
    }
}

fn reports_allowed(caps: &Caps) -> Allowances {
    let bytes = caps.bytes_per_day as f64;
    Allowances {
        reports: per_minute(caps.reports_burst, caps.reports_per_minute),
        bytes: Allowance::new(bytes, bytes, DAY),
        repeats: per_minute(limits::REPEATS_BURST, limits::REPEATS_PER_MINUTE),
    }
}

/// Forgeries are counted alone: none of them has more than a small body.
fn forgeries_allowed() -> Allowances {
    let requests = per_minute(limits::FORGERIES_BURST, limits::FORGERIES_PER_MINUTE);
    let bytes = (SMALL_BYTES * limits::FORGERIES_BURST as usize) as f64;
    Allowances { reports: requests, bytes: Allowance::new(bytes, bytes, MINUTE), repeats: requests }
}

fn per_minute(burst: u32, per_minute: u32) -> Allowance {
    Allowance::new(burst.into(), per_minute.into(), MINUTE)
}

impl Deref for AppState {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}
