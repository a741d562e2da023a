//! A whole simulation: grow a base, enrol its installations, send every report, and say what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use candor_policy::{Clock, Policy, ProblemCode};
use ed25519_dalek::SigningKey;
use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::base::{Base, Errand, Settings};
use crate::progress::Progress;
use crate::sender::{Delivery, SendError, Sender, SenderSettings};
use crate::vouchers::Vouchers;

/// What to simulate, and against which collector.
pub struct SimulationSettings {
    /// Such as `http://127.0.0.1:8787`.
    pub collector: String,
    /// The seed; the same gives the same reports.
    pub seed: u64,
    /// How large a base, and for how long.
    pub base: Settings,
    /// How many requests are under way at once.
    pub in_flight: usize,
    /// The key that signs the vouchers of the base's customers; none: nobody has one.
    pub voucher_key: Option<SigningKey>,
    /// Whether to keep standard error empty.
    pub quiet: bool,
    /// The sender's clock.
    pub clock: Arc<dyn Clock>,
}

/// What a simulation came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Customers in the base.
    pub customers: usize,
    /// Installations in the base.
    pub installations: usize,
    /// Installations whose administrator denies, at once or later.
    pub denied: usize,
    /// Installations that fall silent.
    pub silent: usize,
    /// Installations that refuse a category.
    pub refusing_a_category: usize,
    /// Metrics of the policy that no report carries, because the simulation knows nothing plausible for them.
    pub left_empty: Vec<String>,
    /// Reports that were due.
    pub reports: u64,
    /// Reports that the collector took for the first time.
    pub stored: u64,
    /// Reports that the collector held already.
    pub duplicates: u64,
    /// Reports that the collector keeps with other bytes than were sent.
    pub changed: u64,
    /// Reports that were not delivered, by reason.
    pub failed: BTreeMap<String, u64>,
    /// What became of the values, by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// What the collector's caps held back for a while, how often, and which caps to raise.
    pub held_back: Vec<String>,
    /// How long sending took.
    pub seconds: f64,
}

impl Summary {
    /// Whether every report arrived, and as it was sent.
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.changed == 0 && self.stored + self.duplicates == self.reports
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let counted = |map: &BTreeMap<String, u64>| {
            map.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let mut line = format!(
            "{} reports of {} installations at {} customers in {:.1} s ({} stored, {} held already); values: {}",
            self.reports,
            self.installations,
            self.customers,
            self.seconds,
            self.stored,
            self.duplicates,
            counted(&self.outcomes)
        );
        if !self.failed.is_empty() {
            line.push_str(&format!("; not delivered: {}", counted(&self.failed)));
        }
        for held_back in &self.held_back {
            line.push_str(&format!("; {held_back}"));
        }
        if self.changed > 0 {
            line.push_str(&format!("; changed by the collector: {}", self.changed));
        }
        line
    }

    fn count(&mut self, delivery: &Delivery) {
        *(if delivery.duplicate { &mut self.duplicates } else { &mut self.stored }) += 1;
        self.changed += u64::from(!delivery.unchanged);
        *self.outcomes.entry("accepted".to_owned()).or_default() += delivery.accepted;
        for outcome in &delivery.outcomes {
            *self.outcomes.entry(outcome.kind.word().to_owned()).or_default() += outcome.count;
        }
    }

    fn fail(&mut self, error: &SendError) {
        *self.failed.entry(error.to_string()).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.duplicates += other.duplicates;
        self.changed += other.changed;
        for (name, count) in other.failed {
            *self.failed.entry(name).or_default() += count;
        }
        for (name, count) in other.outcomes {
            *self.outcomes.entry(name).or_default() += count;
        }
    }
}

/// What the workers share.
struct Work {
    base: Base,
    errands: Vec<Errand>,
    next: AtomicUsize,
    sender: Sender,
    progress: Progress,
}

/// Runs a simulation to its end.
///
/// # Errors
/// Where the collector takes no enrolment, or a report cannot even be written.
pub async fn simulate(settings: &SimulationSettings, policy: Arc<Policy>) -> anyhow::Result<Summary> {
    let started = settings.clock.now();
    let base = Base::grow(settings.seed, &settings.base, policy);
    let errands = base.errands();
    let census = base.census();
    let mut sender = Sender::new(&SenderSettings {
        collector: settings.collector.clone(),
        quiet: settings.quiet,
        clock: Arc::clone(&settings.clock),
    })?;
    if let Some(key) = &settings.voucher_key {
        let today = started.to_zoned(TimeZone::UTC).date();
        let vouchers = Vouchers::issue(key, settings.seed, &base, today);
        sender = sender.with_vouchers(vouchers.context("no vouchers were issued for the base")?);
    }
    let progress = Progress::start("reports", errands.len() as u64, settings.quiet);
    let mut summary = Summary {
        customers: census.customers,
        installations: census.installations,
        denied: census.denied,
        silent: census.silent,
        refusing_a_category: census.refusing,
        left_empty: census.left_empty.iter().map(ToString::to_string).collect(),
        reports: errands.len() as u64,
        ..Summary::default()
    };
    let work = Arc::new(Work { base, errands, next: AtomicUsize::new(0), sender, progress });
    enrol(&work, settings).await?;
    let mut workers = JoinSet::new();
    for _ in 0..settings.in_flight.max(1) {
        workers.spawn(run(Arc::clone(&work)));
    }
    while let Some(done) = workers.join_next().await {
        summary.add(done.context("a worker of the simulation broke off")??);
    }
    work.progress.end();
    summary.held_back = work.sender.held_back().said();
    summary.seconds = settings.clock.now().duration_since(started).as_secs_f64();
    Ok(summary)
}

/// Makes the keys of all installations known that have something to say.
async fn enrol(work: &Arc<Work>, settings: &SimulationSettings) -> anyhow::Result<()> {
    let speaking: BTreeSet<usize> = work.errands.iter().map(|errand| errand.installation).collect();
    let progress = Progress::start("enrolments", speaking.len() as u64, settings.quiet);
    let mut under_way = JoinSet::new();
    for site in speaking {
        if under_way.len() >= settings.in_flight.max(1)
            && let Some(done) = under_way.join_next().await
        {
            done.context("an enrolment broke off")??;
            progress.step();
        }
        let work = Arc::clone(work);
        under_way.spawn(async move { work.sender.enrol(&work.base.installations()[site]).await });
    }
    while let Some(done) = under_way.join_next().await {
        done.context("an enrolment broke off")??;
        progress.step();
    }
    progress.end();
    Ok(())
}

/// Sends one report after another until none is left. Reports start in the order of their time.
async fn run(work: Arc<Work>) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    while let Some(errand) = work.errands.get(work.next.fetch_add(1, Ordering::Relaxed)) {
        let site = &work.base.installations()[errand.installation];
        let (report, _) = work.base.write(errand).context("the policy refuses a simulated report")?;
        match work.sender.send(site, &report).await {
            Ok(delivery) => summary.count(&delivery),
            // What holds for one report of the policy holds for all, so there is no use in trying the others.
            Err(error @ (SendError::GaveUp(_) | SendError::Refused(ProblemCode::UnknownPolicy))) => {
                return Err(error).context("the simulation ends here");
            }
            Err(error) => summary.fail(&error),
        }
        work.progress.step();
    }
    Ok(summary)
}
