//! The consent at this moment: the ledger's last decision, and everything that narrows it.

use std::collections::BTreeSet;

use candor_policy::{CategoryId, ConsentState, Digest, Metric, MetricId, Policy, Scope};
use jiff::Timestamp;

use super::denial::Denial;
use super::hold::{held, kept_policy};
use super::ledger::{self, Entry};
use crate::Error;
use crate::cause::{Bar, Cause, SettingsFault};
use crate::environment::Environment;
use crate::folder::StateFolder;
use crate::limits::CLOCK_BEHIND_SECONDS;
use crate::settings::MachineSettings;

/// What a consent allows at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The categories that it covers, less those that the machine's settings refuse.
    pub scope: Scope,
    /// When it was given, UTC. Nothing from before ever leaves.
    pub granted_at: Timestamp,
    /// The ledger entry that holds it.
    pub entry: Digest,
    /// Metrics of the policy that wait for somebody to accept them.
    pub held: BTreeSet<MetricId>,
}

impl Grant {
    /// Whether a metric may be gathered: its category is covered, and it does not wait to be accepted.
    pub fn covers(&self, metric: &Metric) -> bool {
        self.scope.covers(&metric.category) && !self.held.contains(&metric.id)
    }
}

/// The consent with all that bears on it.
#[derive(Clone, Debug)]
pub struct ConsentStatus {
    /// What the ledger says.
    pub state: ConsentState,
    /// The decision behind it.
    pub decision: Option<Entry>,
    /// Every reason against collection, the strongest first; none where it is allowed.
    pub causes: Vec<Cause>,
    /// Categories that the machine's settings refuse.
    pub refused: BTreeSet<CategoryId>,
    /// Metrics of today's policy that wait for somebody to accept them.
    pub held: BTreeSet<MetricId>,
    /// What is allowed, where there is no cause against it.
    pub grant: Option<Grant>,
}

impl ConsentStatus {
    /// What is allowed.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] with the strongest cause.
    pub fn grant(&self) -> Result<&Grant, Error> {
        let cause = || self.causes.first().cloned().unwrap_or(Cause::NotAsked);
        self.grant.as_ref().ok_or_else(|| Error::NotAllowed(cause()))
    }
}

/// Everything that the consent depends on.
pub struct Questions<'a> {
    /// The policy of today.
    pub policy: &'a Policy,
    /// Where the ledger is.
    pub folder: &'a StateFolder,
    /// The machine's settings.
    pub settings: &'a Result<MachineSettings, SettingsFault>,
    /// The process's environment.
    pub environment: &'a Environment,
    /// This machine's clock.
    pub now: Timestamp,
}

/// Looks at everything anew: a decision of another process counts at once.
pub fn status(questions: &Questions<'_>) -> Result<ConsentStatus, Error> {
    let Questions { policy, folder, settings, environment, now } = questions;
    let (decision, ledger_fault) = match ledger::read(folder)? {
        Ok(ledger) => (ledger.entries.into_iter().rfind(|entry| entry.decision.policy.id == policy.id), None),
        Err(fault) => (None, Some(fault)),
    };
    let mut causes = Vec::new();
    let mut refused = BTreeSet::new();
    match settings {
        Ok(settings) => {
            causes.extend(settings.denied_by.clone().map(Cause::MachineSettings));
            refused.clone_from(&settings.refused);
        }
        Err(fault) => causes.push(Cause::Settings(fault.clone())),
    }
    causes.extend(environment.refusal().map(Cause::Environment));
    let noted = Denial::read(folder, &policy.id)?;
    causes.extend(ledger_fault.map(Cause::Ledger));
    let recorded = decision.as_ref().map_or(ConsentState::NotAsked, |entry| entry.decision.state);
    let state = if noted.is_some() { ConsentState::Denied } else { recorded };
    let noted = noted.map(|Denial { actor, at }| Cause::Denied { actor, at });
    causes.extend(noted.or_else(|| match (&decision, recorded) {
        (Some(entry), ConsentState::Denied) => {
            Some(Cause::Denied { actor: entry.decision.actor.clone(), at: entry.decision.at })
        }
        (Some(entry), ConsentState::Granted) => clock_behind(entry.decision.at, *now),
        (None, _) | (Some(_), ConsentState::NotAsked) => {
            let is_damaged = causes.iter().any(|cause| matches!(cause, Cause::Ledger(_)));
            (!is_damaged).then_some(Cause::NotAsked)
        }
    }));
    let mut grant = match &decision {
        Some(entry) if causes.is_empty() => Some(granted(questions, entry, &refused)?),
        _ => None,
    };
    let held = grant.as_ref().map(|grant| grant.held.clone()).unwrap_or_default();
    if let Some(metric) = grant.as_ref().and_then(|grant| uncovered_header(policy, grant)) {
        let category = metric.category.clone();
        let bar = match &decision {
            _ if refused.contains(&category) => Bar::Refused,
            Some(entry) if !entry.decision.scope.covers(&category) => Bar::NotGranted,
            _ => Bar::Held,
        };
        causes.push(Cause::Header { metric: metric.id.clone(), category, bar });
        grant = None;
    }
    Ok(ConsentStatus { state, decision, causes, refused, held, grant })
}

/// A clock that is a little behind a consent was set since; one that is far behind says nothing about what came first.
fn clock_behind(granted_at: Timestamp, now: Timestamp) -> Option<Cause> {
    let behind = granted_at.duration_since(now).as_secs();
    (behind > CLOCK_BEHIND_SECONDS).then_some(Cause::ClockBehind { granted_at, now })
}

/// The first metric of the header that a grant does not cover; without it there can be no report.
fn uncovered_header<'p>(policy: &'p Policy, grant: &Grant) -> Option<&'p Metric> {
    policy.metrics.iter().filter(|metric| metric.in_header()).find(|metric| !grant.covers(metric))
}

fn granted(questions: &Questions<'_>, entry: &Entry, refused: &BTreeSet<CategoryId>) -> Result<Grant, Error> {
    let decision = &entry.decision;
    let scope = if refused.is_empty() {
        decision.scope.clone()
    } else {
        let all = questions.policy.categories.iter().map(|category| category.id.clone());
        Scope::Categories(
            all.filter(|category| decision.scope.covers(category) && !refused.contains(category)).collect(),
        )
    };
    let held = if decision.policy.digest == questions.policy.digest {
        BTreeSet::new()
    } else {
        let accepted = kept_policy(questions.folder, decision.policy.digest)?;
        held(accepted.as_ref(), questions.policy, &scope)
    };
    Ok(Grant { scope, granted_at: decision.at, entry: entry.entry, held })
}
