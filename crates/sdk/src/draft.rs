//! From a draft to a prepared report: what a source says, then what is left of it after `admit`.
//!
//! A draft exists only where consent allows it, and a prepared report holds the very bytes that are shown, spooled, sent and
//! kept. Nothing a caller puts into a draft is an error: what the policy does not allow is dropped by `admit` and named.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use candor_policy::{
    Admitted, Carrier, Collected, ConsentReference, Digest, Flow, InstallationId, Metric, MetricId,
    NotMeasured, Origin, Outcome, OutcomeKind, Period, Policy, PolicyReference, Reason, Report, SourceId,
    Usage, Value, admit,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::cause::Cause;
use crate::consent::Grant;
use crate::environment::Environment;
use crate::{Error, facts};

/// What a source is about to report.
#[derive(Clone, Debug)]
pub struct Draft {
    policy: Arc<Policy>,
    source: SourceId,
    application: String,
    version: String,
    period: Period,
    pub(crate) grant: Grant,
    facts: BTreeMap<String, Value>,
    usage: Vec<Usage>,
    flows: Vec<Flow>,
    not_measured: BTreeSet<NotMeasured>,
}

/// A report that was held against its policy: what is shown is what is sent.
#[derive(Clone, Debug)]
pub struct Prepared {
    admitted: Admitted,
    outcomes: Vec<Outcome>,
}

impl Draft {
    /// A draft with the facts that the SDK takes itself.
    pub(crate) fn begin(
        policy: Arc<Policy>,
        source: SourceId,
        (application, version): (&str, &str),
        grant: Grant,
        now: Timestamp,
        environment: &Environment,
    ) -> Self {
        let mut draft = Self {
            policy,
            source,
            application: application.to_owned(),
            version: version.to_owned(),
            // A clock that was set back a little since the consent does not make a report one from before it.
            period: Period { start: now.max(grant.granted_at), end: now.max(grant.granted_at) },
            grant,
            facts: BTreeMap::new(),
            usage: Vec::new(),
            flows: Vec::new(),
            not_measured: BTreeSet::new(),
        };
        draft.take_system_facts(environment);
        draft
    }

    fn take_system_facts(&mut self, environment: &Environment) {
        let policy = self.narrowed_policy();
        for metric in policy.gathered(&self.source.clone(), &self.version.clone()) {
            let (found, missing) = match metric.origin {
                Origin::OsVersion => (facts::os_version(), Reason::Failed),
                // A scheduled job often has no language.
                Origin::OsLocale => (facts::os_locale(environment), Reason::NotConfigured),
                Origin::ApplicationName
                | Origin::ApplicationVersion
                | Origin::DatabaseProduct
                | Origin::DatabaseVersion
                | Origin::DatabaseEdition
                | Origin::DatabaseRowCounts { .. }
                | Origin::DatabaseColumns { .. }
                | Origin::DatabaseRows { .. }
                | Origin::DatabaseDevices { .. }
                | Origin::Given
                | Origin::Recorded
                | Origin::Connection => continue,
            };
            match found {
                Some(text) => self.fact(metric.id.as_str(), Value::Text(text)),
                None => self.not_measured(metric.id.clone(), None, missing),
            }
        }
    }

    /// The policy with nothing in it but the metrics that may be gathered now: what a gatherer is given, so that what
    /// is withheld is not even read.
    pub fn narrowed_policy(&self) -> Policy {
        let mut policy = Policy::clone(&self.policy);
        policy.metrics.retain(|metric| !self.is_withheld(metric));
        policy
    }

    /// Whether this metric is to be gathered: declared for this source and version, and covered by the consent.
    pub fn wants(&self, metric: &str) -> bool {
        self.gathered().any(|gathered| gathered.id.as_str() == metric && !self.is_withheld(gathered))
    }

    fn gathered(&self) -> impl Iterator<Item = &Metric> {
        self.policy.gathered(&self.source, &self.version)
    }

    fn is_withheld(&self, metric: &Metric) -> bool {
        !self.grant.covers(metric)
    }

    /// Says a fact; the last word counts.
    pub fn fact(&mut self, metric: &str, value: Value) {
        self.facts.insert(metric.to_owned(), value);
    }

    /// Says how often something was done.
    pub fn usage(&mut self, usage: Usage) {
        self.usage.push(usage);
    }

    /// Says how far a flow was followed.
    pub fn flow(&mut self, flow: Flow) {
        self.flows.push(flow);
    }

    /// Says that something could not be measured, and why.
    pub fn not_measured(&mut self, metric: MetricId, key: Option<String>, reason: Reason) {
        self.not_measured.insert(NotMeasured { metric, key, reason });
    }

    /// Says what the draft covers, where that is more than this moment.
    pub fn period(&mut self, start: Timestamp, end: Timestamp) {
        self.period = Period { start, end };
    }

    /// Holds the draft against its policy. Nothing from before the consent is in what comes out.
    pub(crate) fn prepare(
        mut self,
        report_id: Uuid,
        installation: InstallationId,
    ) -> Result<Prepared, Error> {
        let granted_at = self.grant.granted_at;
        if self.period.end < granted_at {
            return Err(Error::NotAllowed(Cause::BeforeConsent { granted_at }));
        }
        let unlisted = self.metrics_of_unlisted_release();
        let before_consent = self.forget_what_began_before(granted_at);
        let policy = Arc::clone(&self.policy);
        let (admitted, mut outcomes) = admit(&policy, self.into_report(report_id, installation))?;
        outcomes.extend(unlisted);
        outcomes.extend(before_consent);
        Ok(Prepared { admitted, outcomes })
    }

    /// Counts of a period that began before the consent cannot be told apart into before and after: they stay, by name.
    fn forget_what_began_before(&mut self, granted_at: Timestamp) -> Vec<Outcome> {
        if self.period.start >= granted_at {
            return Vec::new();
        }
        let usage = std::mem::take(&mut self.usage).into_iter().map(|usage| usage.metric);
        let flows = std::mem::take(&mut self.flows).into_iter().map(|flow| flow.metric);
        let forgotten = |name: String| Outcome {
            metric: MetricId::parse(&name),
            kind: OutcomeKind::Withheld,
            count: 1,
            example: Some("counted before the consent".to_owned()),
        };
        usage.chain(flows).map(forgotten).collect()
    }

    /// A version that the policy does not list leaves out all that is bound to releases: that has a name, too.
    fn metrics_of_unlisted_release(&self) -> Vec<Outcome> {
        let running = self.policy.releases.of_version(&self.version);
        let metrics = self.policy.metrics.iter().filter(|metric| {
            metric.sources.contains(&self.source)
                && metric.collected_in(running.as_ref()) == Collected::UnknownRelease
                && !self.facts.contains_key(metric.id.as_str())
        });
        metrics
            .map(|metric| Outcome::of(&metric.id, OutcomeKind::UnknownRelease, Some(&self.version)))
            .collect()
    }

    /// What the site's own rule leaves out: whatever a caller said of it all the same is forgotten here.
    fn withhold(&mut self) -> BTreeSet<MetricId> {
        let withheld: BTreeSet<MetricId> = self
            .gathered()
            .filter(|metric| self.is_withheld(metric))
            .map(|metric| metric.id.clone())
            .collect();
        self.facts.retain(|metric, _| !withheld.contains(metric.as_str()));
        self.usage.retain(|usage| !withheld.contains(usage.metric.as_str()));
        self.flows.retain(|flow| !withheld.contains(flow.metric.as_str()));
        self.not_measured.retain(|missing| !withheld.contains(&missing.metric));
        withheld
    }

    fn into_report(mut self, report_id: Uuid, installation: InstallationId) -> Report {
        self.name_what_was_not_given();
        let withheld = self.withhold();
        let Grant { scope, granted_at, entry, held } = self.grant;
        let held = withheld.intersection(&held).cloned().collect();
        Report {
            report_id,
            policy: PolicyReference {
                id: self.policy.id.clone(),
                version: self.policy.version.clone(),
                digest: self.policy.digest,
            },
            installation,
            source: self.source,
            application: self.application,
            version: self.version,
            period: Period { start: self.period.start.max(granted_at), end: self.period.end },
            consent: ConsentReference { scope, granted_at, entry },
            facts: self.facts,
            usage: self.usage,
            flows: self.flows,
            withheld,
            held,
            not_measured: self.not_measured.into_iter().collect(),
            unreadable: Vec::new(),
        }
    }

    /// A fact that was to be gathered and that nobody gave was not measured: not zero, and not withheld.
    fn name_what_was_not_given(&mut self) {
        let missing: Vec<MetricId> = self
            .gathered()
            .filter(|metric| metric.carrier() == Carrier::Facts && !self.is_withheld(metric))
            .filter(|metric| !self.facts.contains_key(metric.id.as_str()))
            .filter(|metric| !self.not_measured.iter().any(|known| known.metric == metric.id))
            .map(|metric| metric.id.clone())
            .collect();
        for metric in missing {
            self.not_measured(metric, None, Reason::NotConfigured);
        }
    }
}

impl Prepared {
    /// The report as admitted; its body is what is shown and sent.
    pub fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    /// The very bytes that leave.
    pub fn body(&self) -> &[u8] {
        self.admitted.body()
    }

    /// The digest of these bytes; the receipt repeats it.
    pub fn digest(&self) -> Digest {
        self.admitted.digest()
    }

    /// The report.
    pub fn report(&self) -> &Report {
        self.admitted.report()
    }

    /// What became of everything that is not in it as it came.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }
}
