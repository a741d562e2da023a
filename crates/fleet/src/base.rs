//! The installed base as a whole: who is in it, which reports it sends when, and each report's content.
//!
//! Everything follows from seed, settings and policy; a report can be written by itself, in any order.

use std::collections::BTreeSet;
use std::sync::Arc;

use candor_policy::{
    Admitted, Carrier, ConsentReference, Digest, Metric, MetricId, MetricType, NotMeasured, Outcome, Period,
    Policy, PolicyReference, Reason, Refusal, Report, Scope, Source, SourceId, SourceKind, admit,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::calendar::Calendar;
use crate::customer::Customer;
use crate::dice::Dice;
use crate::facts::{Filled, Scene, fill, from_database, tables};
use crate::installation::{Installation, Place, Silence};
use crate::names;
use crate::rollout::Rollout;
use crate::shape::{DATABASE_FAILS, RUN_MISSED, TABLE_MISSING, USERS_SEEN};

/// How large a base, and for how long.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many installations there are in the end.
    pub installations: usize,
    /// How many months, the last one included.
    pub months: u32,
    /// The end of the simulated time: the present, or an earlier moment.
    pub until: Timestamp,
}

/// An installed base.
pub struct Base {
    seed: u64,
    policy: Arc<Policy>,
    calendar: Calendar,
    rollout: Rollout,
    customers: Vec<Customer>,
    installations: Vec<Installation>,
}

/// A report that is due.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The installation's place.
    pub installation: usize,
    /// The process that gathers.
    pub source: SourceId,
    /// When, in months since the first month's start.
    pub moment: f64,
    /// Which pseudonymous user it speaks of, where the source tells users apart.
    pub user: Option<usize>,
}

/// Who is in a base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// Customers.
    pub customers: usize,
    /// Installations.
    pub installations: usize,
    /// Installations that deny at once or later.
    pub denied: usize,
    /// Installations that fall silent.
    pub silent: usize,
    /// Installations that refuse a category.
    pub refusing: usize,
    /// Metrics for which nothing plausible is known, so that no report carries them.
    pub left_empty: Vec<MetricId>,
}

impl Base {
    /// Grows a base. The same arguments give the same base, report for report and byte for byte.
    pub fn grow(seed: u64, settings: &Settings, policy: Arc<Policy>) -> Self {
        let calendar = Calendar::ending(settings.until, settings.months);
        let rollout = Rollout::of(policy.releases.names(), calendar.months());
        let mut customers = Vec::new();
        let mut installations = Vec::new();
        for (index, named) in names::invent(seed, settings.installations).into_iter().enumerate() {
            let mut customer = Customer::invent(seed, index, named);
            customer.installations = customer.installations.min(settings.installations - installations.len());
            for ordinal in 0..customer.installations {
                let place = Place { index: installations.len(), ordinal };
                installations
                    .push(Installation::invent(seed, &place, &customer, &calendar, &rollout, &policy));
            }
            customers.push(customer);
            if installations.len() >= settings.installations {
                break;
            }
        }
        Self { seed, policy, calendar, rollout, customers, installations }
    }

    /// The policy that it reports under.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its customers.
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }

    /// Its installations.
    pub fn installations(&self) -> &[Installation] {
        &self.installations
    }

    /// When things happen in it.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Who is in it.
    pub fn census(&self) -> Census {
        let stopped = |why: Silence| {
            let of_why = |site: &&Installation| site.stopped.is_some_and(|(_, silence)| silence == why);
            self.installations.iter().filter(of_why).count()
        };
        Census {
            customers: self.customers.len(),
            installations: self.installations.len(),
            denied: stopped(Silence::Denied),
            silent: stopped(Silence::Quiet),
            refusing: self.installations.iter().filter(|site| site.refused.is_some()).count(),
            left_empty: self.left_empty(),
        }
    }

    /// Metrics that no installation can fill, in the newest release.
    fn left_empty(&self) -> Vec<MetricId> {
        let newest = self.policy.releases.names().last().map_or("", String::as_str);
        let end = f64::from(self.calendar.months()) - 0.5;
        let empty = |metric: &&Metric| {
            !travels_elsewhere(metric)
                && self.installations.iter().all(|site| {
                    let scene = self.scene(site, end, newest, Some(0));
                    matches!(fill(&scene, metric), Filled::Nothing)
                })
        };
        self.policy.metrics.iter().filter(empty).map(|metric| metric.id.clone()).collect()
    }

    /// All reports that are due by the end of the simulated time, earliest first.
    pub fn errands(&self) -> Vec<Errand> {
        let mut errands: Vec<Errand> =
            self.installations.iter().flat_map(|site| self.errands_of(site)).collect();
        errands.sort_by(|a, b| a.moment.total_cmp(&b.moment).then(a.installation.cmp(&b.installation)));
        errands
    }

    fn errands_of(&self, site: &Installation) -> Vec<Errand> {
        let mut errands = Vec::new();
        for source in &self.policy.sources {
            let moments = match source.kind {
                SourceKind::Installer => site.installs(),
                SourceKind::Utility => site.conversions(),
                SourceKind::Batch | SourceKind::App => self.runs(site, source),
            };
            for moment in moments {
                if site.speaks_at(moment) && self.calendar.has_come(moment) {
                    errands.extend(self.errands_at(site, source, moment));
                }
            }
        }
        errands
    }

    /// The moments of a source that runs by itself: once a month, also where the policy says "once a day".
    ///
    /// Not as declared, for two reasons. A policy's `schedule` is a sentence for the people who read it, so there is nothing
    /// here to obey; and two years of days would be over 200,000 reports of the demo's 300 installations, where 7,000 tell
    /// the same. So one report stands for the thirty of a month: its period is that whole month and its counts
    /// are the month's, which makes every figure by month, release, role or customer the same. What such a base cannot show
    /// is what differs from day to day, and how many reports a day a collector takes: `bench ingest` measures that.
    fn runs(&self, site: &Installation, source: &Source) -> Vec<f64> {
        let mut dice = Dice::of(self.seed, &format!("installation {}, runs of {}", site.index, source.id));
        (0..self.calendar.months())
            .map(|month| (dice.chance(RUN_MISSED), f64::from(month) + site.run_at))
            .filter_map(|(missed, moment)| (!missed).then_some(moment))
            .collect()
    }

    /// One report, or one per user where the source tells users apart; none where there is nothing to say.
    fn errands_at(&self, site: &Installation, source: &Source, moment: f64) -> Vec<Errand> {
        let version = self.rollout.name(site.release_at(moment));
        let mut gathered =
            self.policy.gathered(&source.id, version).filter(|metric| !travels_elsewhere(metric));
        let says_something = gathered.any(|metric| !matches!(metric.kind, MetricType::Identity(_)));
        if !says_something {
            return Vec::new();
        }
        let by_user = self.policy.gathered(&source.id, version).any(is_user);
        let seen = self.customers.get(site.customer).map_or(1, |customer| customer.users as usize);
        let users = if by_user { (0..seen.clamp(1, USERS_SEEN)).map(Some).collect() } else { vec![None] };
        let errand = |user| Errand { installation: site.index, source: source.id.clone(), moment, user };
        users.into_iter().map(errand).collect()
    }

    /// Writes a report as its site would, and admits it there.
    ///
    /// # Errors
    /// [`Refusal`] where the policy could not take such a report at all.
    pub fn write(&self, errand: &Errand) -> Result<(Admitted, Vec<Outcome>), Refusal> {
        let site = self.installations.get(errand.installation).ok_or(Refusal::UnknownSource)?;
        let source = self.policy.source(errand.source.as_str()).ok_or(Refusal::UnknownSource)?;
        let version = self.rollout.name(site.release_at(errand.moment));
        let scene = self.scene(site, errand.moment, version, errand.user);
        let mut report = self.header(errand, site, source, version);
        for metric in self.policy.gathered(&source.id, version).filter(|metric| !travels_elsewhere(metric)) {
            if site.refused.as_ref() == Some(&metric.category) {
                report.withheld.insert(metric.id.clone());
                continue;
            }
            match self.not_measured(errand, metric) {
                Some(missing) if missing.key.is_none() => report.not_measured.push(missing),
                missing => {
                    put(&mut report, metric, fill(&scene, metric), missing.as_ref());
                    report.not_measured.extend(missing);
                }
            }
        }
        admit(&self.policy, report)
    }

    fn scene<'a>(
        &'a self,
        installation: &'a Installation,
        moment: f64,
        version: &'a str,
        user: Option<usize>,
    ) -> Scene<'a> {
        Scene {
            seed: self.seed,
            policy: &self.policy,
            customer: &self.customers[installation.customer],
            installation,
            moment,
            months: self.calendar.months(),
            version,
            user,
        }
    }

    fn header(&self, errand: &Errand, site: &Installation, source: &Source, version: &str) -> Report {
        let end = self.calendar.at(errand.moment);
        let spans = self.policy.gathered(&source.id, version).any(is_recorded);
        let since = if spans { (errand.moment - 1.0).max(site.joined) } else { errand.moment };
        Report {
            report_id: self.report_id(errand, end),
            policy: PolicyReference {
                id: self.policy.id.clone(),
                version: self.policy.version.clone(),
                digest: self.policy.digest,
            },
            installation: site.id.clone(),
            source: source.id.clone(),
            application: source.applications[site.index % source.applications.len()].clone(),
            version: version.to_owned(),
            period: Period { start: self.calendar.at(since).min(end), end },
            consent: self.consent(site),
            facts: Default::default(),
            usage: Vec::new(),
            flows: Vec::new(),
            withheld: BTreeSet::new(),
            held: BTreeSet::new(),
            not_measured: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    fn report_id(&self, errand: &Errand, end: Timestamp) -> Uuid {
        let place = format!("report {errand:?}");
        let bits = Dice::of(self.seed, &place).bytes();
        let milliseconds = u64::try_from(end.as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &bits).into_uuid()
    }

    fn consent(&self, site: &Installation) -> ConsentReference {
        let scope = match &site.refused {
            None => Scope::All,
            Some(refused) => {
                let kept = self.policy.categories.iter().filter(|category| category.id != *refused);
                Scope::Categories(kept.map(|category| category.id.clone()).collect())
            }
        };
        let entry = Digest::of(format!("{}, ledger of installation {}", self.seed, site.index).as_bytes());
        ConsentReference { scope, granted_at: self.calendar.at(site.joined), entry }
    }

    /// What went wrong with a metric at the site: its database as a whole, or one of its tables.
    fn not_measured(&self, errand: &Errand, metric: &Metric) -> Option<NotMeasured> {
        const REASONS: [Reason; 4] =
            [Reason::Unreachable, Reason::Locked, Reason::TimedOut, Reason::AccessDenied];
        if !from_database(metric) {
            return None;
        }
        let place = format!("installation {}, troubles at {}", errand.installation, errand.moment);
        let mut dice = Dice::of(self.seed, &place);
        let reason = REASONS[dice.below(REASONS.len())];
        if dice.chance(DATABASE_FAILS) {
            return Some(NotMeasured { metric: metric.id.clone(), key: None, reason });
        }
        let MetricType::Count { keys, .. } = &metric.kind else { return None };
        let tables = tables(keys);
        let misses = tables.len() > 1 && dice.chance(TABLE_MISSING);
        let table = misses.then(|| dice.pick(&tables).cloned()).flatten()?;
        Some(NotMeasured { metric: metric.id.clone(), key: Some(table), reason: Reason::TableMissing })
    }
}

/// Puts what a metric came to into the report, without the key that is missing.
fn put(report: &mut Report, metric: &Metric, filled: Filled, missing: Option<&NotMeasured>) {
    match filled {
        Filled::Fact(mut value) => {
            let key = missing.and_then(|missing| missing.key.as_ref());
            if let (candor_policy::Value::Keyed(entries), Some(key)) = (&mut value, key) {
                entries.remove(key);
            }
            report.facts.insert(metric.id.as_str().to_owned(), value);
        }
        Filled::Usage(rows) => report.usage.extend(rows),
        Filled::Flows(rows) => report.flows.extend(rows),
        Filled::Nothing => {}
    }
}

/// Whether the header or the connection carries a metric, so that no report holds it.
fn travels_elsewhere(metric: &Metric) -> bool {
    matches!(metric.carrier(), Carrier::Header | Carrier::Connection)
}

fn is_recorded(metric: &Metric) -> bool {
    matches!(metric.carrier(), Carrier::Usage | Carrier::Flows)
}

fn is_user(metric: &Metric) -> bool {
    matches!(metric.kind, MetricType::Identity(candor_policy::Identifies::User))
}
