//! What a site's calls and the delivery's thread share: the folder with all that is in it, and the questions that both ask of
//! consent. Who may call what, and in which order, is the business of `site.rs` and `courier.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use candor_policy::voucher::Voucher;
use candor_policy::{
    Carrier, CategoryId, Clock, ConsentState, Digest, Policy, PolicyReference, Refusal, Report, Scope,
    SourceId,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::cause::{Cause, SettingsFault};
use crate::consent::{
    ConsentStatus, Decision, Denial, Entry, Grant, Questions, keep_manifest, kept_policy, ledger, record,
    status,
};
use crate::draft::Prepared;
use crate::environment::Environment;
use crate::folder::{Lock, StateFolder};
use crate::limits::ACTOR_LENGTH;
use crate::losses::{Loss, Losses};
use crate::sent_log::SentLog;
use crate::settings::{MachineSettings, SettingsFile};
use crate::spool::Spool;

/// Held while consent, spool or sent log change.
pub const STATE_LOCK: &str = "state.lock";

/// What the site's calls and the delivery's thread share.
pub struct Inner {
    pub policy: Arc<Policy>,
    pub folder: StateFolder,
    pub environment: Environment,
    pub clock: Arc<dyn Clock>,
    pub voucher: Option<Voucher>,
    pub losses: Losses,
    pub settings_files: Vec<SettingsFile>,
}

impl Inner {
    /// What waits.
    pub fn spool(&self) -> Spool<'_> {
        Spool::new(&self.folder, &self.losses)
    }

    /// What has left, or may have.
    pub fn sent_log(&self) -> SentLog<'_> {
        SentLog::new(&self.folder, &self.losses)
    }

    /// What this machine's settings say now.
    pub fn settings(&self) -> Result<MachineSettings, SettingsFault> {
        MachineSettings::read(&self.settings_files)
    }

    /// Where consent stands now.
    pub fn status(&self) -> Result<ConsentStatus, Error> {
        let settings = self.settings();
        status(&Questions {
            policy: &self.policy,
            folder: &self.folder,
            settings: &settings,
            environment: &self.environment,
            now: self.now(),
        })
    }

    /// Where an administrator has refused collection, what waited must never leave. The caller holds the lock.
    /// What another programme has waiting in the same folder is for that programme's consent to judge.
    pub fn empty_spool_after(&self, status: &ConsentStatus) -> Result<(), Error> {
        if status.causes.iter().any(Cause::empties_the_spool) {
            self.spool().empty_of(&self.policy.id, Loss::Denied)?;
        }
        Ok(())
    }

    /// What is allowed now. Where an administrator has refused collection since the last call, the spool is emptied here.
    pub fn allowed(&self) -> Result<Grant, Error> {
        let status = self.status()?;
        if status.grant.is_none() && !self.spool().list()?.is_empty() {
            match self.folder.lock(STATE_LOCK) {
                // The next call empties it; nothing leaves without another look at consent.
                Err(Error::Busy { .. }) => {}
                lock => {
                    let _lock = lock?;
                    self.empty_spool_after(&status)?;
                }
            }
        }
        status.grant().cloned()
    }

    /// Whether the consent that something was begun under stands, unchanged.
    pub fn unchanged_since(&self, entry: Digest) -> Result<(), Error> {
        match self.status()?.grant()?.entry == entry {
            true => Ok(()),
            false => Err(Error::NotAllowed(Cause::DecidedAnew)),
        }
    }

    /// Notes a denial, whoever holds the ledger: from here on it holds.
    pub fn note_denial(&self, actor: &str) -> Result<(), Error> {
        Denial { actor: shown_actor(actor), at: self.now() }.write(&self.folder, &self.policy.id)
    }

    /// Records a decision, after a denial that was noted and never recorded. The lock is the state folder's: nobody else decides
    /// between a look at consent and this.
    pub fn decide(
        &self,
        _lock: &Lock,
        state: ConsentState,
        scope: Scope,
        actor: &str,
    ) -> Result<Entry, Error> {
        let policy = &self.policy.id;
        if state != ConsentState::Denied
            && let Some(denial) = Denial::read(&self.folder, policy)?
        {
            self.record(ConsentState::Denied, Scope::Categories(BTreeSet::new()), denial)?;
            self.spool().empty_of(policy, Loss::Denied)?;
        }
        if state == ConsentState::Granted {
            keep_manifest(&self.folder, &self.policy)?;
        }
        let entry = self.record(state, scope, Denial { actor: shown_actor(actor), at: self.now() })?;
        Denial::remove(&self.folder, policy)?;
        self.empty_spool_after(&self.status()?)?;
        Ok(entry)
    }

    fn record(&self, state: ConsentState, scope: Scope, by: Denial) -> Result<Entry, Error> {
        let decision = Decision {
            sequence: 0,
            at: by.at,
            state,
            scope,
            actor: by.actor,
            policy: PolicyReference {
                id: self.policy.id.clone(),
                version: self.policy.version.clone(),
                digest: self.policy.digest,
            },
            nonce: String::new(),
            replaces: None,
            previous: None,
        };
        record(&self.folder, decision)
    }

    /// Puts a prepared report into the spool, where the consent that it was gathered under stands.
    pub fn store(&self, prepared: &Prepared, wait: Duration) -> Result<(), Error> {
        let _lock = self.folder.lock_within(STATE_LOCK, wait)?;
        self.unchanged_since(prepared.report().consent.entry)?;
        self.spool().put(prepared.admitted())?;
        let departed = prepared.outcomes().iter().filter(|outcome| outcome.is_departure());
        self.losses.count(Loss::Values, departed.map(|outcome| outcome.count).sum());
        Ok(())
    }

    /// The present moment in whole seconds: nobody needs to know more exactly when an installer ran.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Whether all that a scope names is there.
    pub fn check_scope(&self, scope: &Scope) -> Result<(), Error> {
        let Scope::Categories(categories) = scope else { return Ok(()) };
        let unknown = |category: &&CategoryId| self.policy.category(category.as_str()).is_none();
        categories
            .iter()
            .find(unknown)
            .map_or(Ok(()), |category| Err(Error::UnknownCategory(category.to_string())))
    }

    /// The source of this name, where it may report for this application.
    pub fn source(&self, source: &str, application: &str) -> Result<SourceId, Error> {
        let source = self.policy.source(source).ok_or(Refusal::UnknownSource)?;
        if !source.applications.iter().any(|known| known == application) {
            return Err(Refusal::UnknownApplication.into());
        }
        Ok(source.id.clone())
    }

    /// Whether the consent that a waiting report was gathered under still stands. A denial empties the spool in a second
    /// step; what a crash in between left there, or a ledger that was set aside no longer vouches for, never leaves.
    pub fn stands(&self, report: &Report) -> Result<bool, Error> {
        let ledger = ledger::read(&self.folder)?;
        Ok(ledger.is_ok_and(|ledger| ledger.stands(report.consent.entry, &self.policy.id)))
    }

    /// Whether everything that a waiting report holds, or brings with it by being sent, may leave under today's consent. It may
    /// have been gathered under an earlier version of the policy; what cannot be judged stays.
    pub fn covers(&self, grant: &Grant, report: &Report) -> Result<bool, Error> {
        let earlier;
        let policy = if report.policy.digest == self.policy.digest {
            &*self.policy
        } else {
            earlier = kept_policy(&self.folder, report.policy.digest)?;
            match &earlier {
                Some(policy) => policy,
                None => return Ok(false),
            }
        };
        let facts = report.facts.keys().map(String::as_str);
        let usage = report.usage.iter().map(|row| row.metric.as_str());
        let flows = report.flows.iter().map(|row| row.metric.as_str());
        let not_measured = report.not_measured.iter().map(|missing| missing.metric.as_str());
        // What a collector sees of the sender stands nowhere in the report: only a metric that it withholds is not taken.
        let seen = policy.gathered(&report.source, &report.version).filter(|metric| {
            metric.carrier() == Carrier::Connection && !report.withheld.contains(&metric.id)
        });
        let seen = seen.map(|metric| metric.id.as_str());
        let covered =
            |name: &str| policy.metric(name).is_some_and(|metric| grant.scope.covers(&metric.category));
        Ok(facts.chain(usage).chain(flows).chain(not_measured).chain(seen).all(covered))
    }

    /// A UUIDv7: the time first, so that reports sort by age.
    pub fn new_report_id(&self) -> Result<Uuid, Error> {
        let mut random = [0; 10];
        let drawn = getrandom::fill(&mut random).map_err(std::io::Error::other);
        drawn.map_err(Error::folder("draw random bytes for a report in", self.folder.path()))?;
        let milliseconds = u64::try_from(self.clock.now().as_millisecond()).unwrap_or_default();
        Ok(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }
}

/// An actor's name as the ledger has it: without control characters, and not too long.
fn shown_actor(actor: &str) -> String {
    let mut shown: String = actor.chars().filter(|character| !character.is_control()).collect();
    shown.truncate(shown.floor_char_boundary(ACTOR_LENGTH));
    shown
}
