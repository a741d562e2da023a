//! `admit`: the one function that holds a report against a policy. SDK, agent and collector all call it.
//!
//! A bad value costs that value; only a header that cannot be true costs the report. [`Admitted`] has no other maker,
//! so what was not checked can reach neither a spool nor a store.

mod fits;
mod header;
mod size;

use std::collections::BTreeMap;

use fits::{device_row, flow_row, scalar, usage_row};
use header::check;

use crate::limits::{DEVICE_ROWS, KEY_LENGTH, KEYS_PER_METRIC, NUMBER_MOST, SETTING_LENGTH, USAGE_ROWS};
use crate::redact::{Redacting, apply, apply_to_cell};
use crate::{
    Carrier, Collected, Digest, Entry, Flow, KeyPattern, Metric, MetricId, MetricType, NotMeasured, Origin,
    Outcome, OutcomeKind, Policy, Redaction, Release, Report, Scope, Usage, Value,
};

pub use header::Refusal;

/// A report that holds nothing but what its policy declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted {
    report: Report,
    body: Vec<u8>,
    accepted: u64,
}

impl Admitted {
    /// The report.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Its JSON: what is shown, sent and kept. At most [`crate::limits::REPORT_BYTES`] long, where the report came no longer.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The digest of its JSON, computed at each call.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.body)
    }

    /// How many values were accepted as they came.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }
}

/// Holds a report against a policy: what is left of it, and what became of everything else. Admitting what was admitted
/// changes nothing.
///
/// # Errors
/// [`Refusal`] where the header cannot be true; nothing of the report may then be kept.
pub fn admit(policy: &Policy, mut report: Report) -> Result<(Admitted, Vec<Outcome>), Refusal> {
    check(policy, &report)?;
    let mut admission = Admission {
        policy,
        running: policy.releases.of_version(&report.version),
        outcomes: Outcomes::default(),
        accepted: 0,
    };
    for outcome in std::mem::take(&mut report.unreadable) {
        let metric = outcome.metric.filter(|metric| policy.metric(metric.as_str()).is_some());
        admission.outcomes.add(Outcome { metric, ..outcome });
    }
    if let Scope::Categories(categories) = &mut report.consent.scope {
        categories.retain(|category| admission.declared_category(category.as_str()));
    }
    let facts = std::mem::take(&mut report.facts);
    report.facts = admission.facts(&report, facts);
    let usage = std::mem::take(&mut report.usage);
    report.usage = admission.usage(&report, usage);
    let flows = std::mem::take(&mut report.flows);
    report.flows = admission.flows(&report, flows);
    report.withheld.retain(|metric| admission.declared(metric.as_str()));
    let held = std::mem::take(&mut report.held);
    report.held = held.into_iter().filter(|metric| admission.may_be_held(&report, metric)).collect();
    let missing = std::mem::take(&mut report.not_measured);
    report.not_measured =
        missing.into_iter().filter(|missing| admission.may_be_missing(&report, missing)).collect();
    admission.name_what_is_missing(&report);
    let body = admission.fit(&mut report);
    Ok((Admitted { report, body, accepted: admission.accepted }, admission.outcomes.0))
}

/// Outcomes of the same metric and kind are one outcome with a count, so that a receipt stays small.
#[derive(Default)]
struct Outcomes(Vec<Outcome>);

impl Outcomes {
    fn add(&mut self, outcome: Outcome) {
        match self.0.iter_mut().find(|known| known.metric == outcome.metric && known.kind == outcome.kind) {
            Some(known) => known.count += outcome.count,
            None => self.0.push(outcome),
        }
    }
}

/// Why a value is not kept.
type Dropped = OutcomeKind;

struct Admission<'p> {
    policy: &'p Policy,
    running: Option<Release>,
    outcomes: Outcomes,
    accepted: u64,
}

impl<'p> Admission<'p> {
    fn facts(&mut self, report: &Report, facts: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        let mut kept = BTreeMap::new();
        for (name, value) in facts {
            let Some(metric) = self.metric_for(report, &name) else { continue };
            if let Some(value) = self.fact(metric, value) {
                kept.insert(name, value);
            }
        }
        kept
    }

    /// The metric that a report may speak of here, or the reason why not.
    fn metric_for(&mut self, report: &Report, name: &str) -> Option<&'p Metric> {
        let Some(metric) = self.policy.metric(name) else {
            self.outcomes.add(Outcome::undeclared(name, OutcomeKind::Undeclared));
            return None;
        };
        let dropped = if matches!(metric.carrier(), Carrier::Header | Carrier::Connection) {
            Some(OutcomeKind::NotAllowed)
        } else if !metric.sources.contains(&report.source) {
            Some(OutcomeKind::WrongSource)
        } else if !report.consent.scope.covers(&metric.category) || report.withheld.contains(&metric.id) {
            Some(OutcomeKind::NotAllowed)
        } else {
            match metric.collected_in(self.running.as_ref()) {
                Collected::Yes => None,
                Collected::NotYet => Some(OutcomeKind::NotYet),
                Collected::NoLonger => Some(OutcomeKind::NoLonger),
                Collected::UnknownRelease => Some(OutcomeKind::UnknownRelease),
            }
        };
        match dropped {
            None => Some(metric),
            Some(kind) => {
                self.drop_value(metric, kind, None);
                None
            }
        }
    }

    fn drop_value(&mut self, metric: &Metric, kind: Dropped, example: Option<&str>) {
        self.outcomes.add(Outcome::of(&metric.id, kind, example));
    }

    fn fact(&mut self, metric: &Metric, value: Value) -> Option<Value> {
        let checked = match (&metric.kind, value) {
            (MetricType::Count { keys, maximum, .. }, Value::Keyed(entries)) => {
                return Some(self.counts(metric, keys, *maximum, entries));
            }
            (MetricType::Setting { keys, redaction }, Value::Keyed(entries)) => {
                return Some(self.settings(metric, keys, redaction, entries));
            }
            (MetricType::Devices { columns }, Value::Rows(rows)) => {
                return Some(self.devices(metric, columns, rows));
            }
            (
                MetricType::Version
                | MetricType::Text(_)
                | MetricType::Flag
                | MetricType::Number { .. }
                | MetricType::Identity(_),
                value,
            ) => scalar(&metric.kind, &value).map(|()| value),
            (
                MetricType::Count { .. }
                | MetricType::Setting { .. }
                | MetricType::Devices { .. }
                | MetricType::Usage { .. }
                | MetricType::Flow { .. }
                | MetricType::Transport(_),
                _,
            ) => Err(OutcomeKind::WrongType),
        };
        match checked {
            Ok(value) => {
                self.accepted += 1;
                Some(value)
            }
            Err(kind) => {
                self.drop_value(metric, kind, None);
                None
            }
        }
    }

    fn counts(
        &mut self,
        metric: &Metric,
        keys: &[KeyPattern],
        maximum: Option<f64>,
        entries: BTreeMap<String, Entry>,
    ) -> Value {
        let most = maximum.unwrap_or(NUMBER_MOST as f64);
        self.keyed(metric, keys, entries, |_, entry| match entry {
            Entry::Integer(number @ 0..) if number as f64 > most => Err(OutcomeKind::TooLarge),
            Entry::Integer(0..) => Ok((entry, false)),
            Entry::Integer(_) => Err(OutcomeKind::NotAllowed),
            Entry::Unset
            | Entry::Flag(_)
            | Entry::Decimal(_)
            | Entry::Text(_)
            | Entry::Redacted(_)
            | Entry::Unreadable => Err(OutcomeKind::WrongType),
        })
    }

    fn settings(
        &mut self,
        metric: &Metric,
        keys: &[KeyPattern],
        rules: &Redaction,
        entries: BTreeMap<String, Entry>,
    ) -> Value {
        self.keyed(metric, keys, entries, |key, entry| match entry {
            Entry::Unreadable => Err(OutcomeKind::WrongType),
            Entry::Decimal(number) if !number.is_finite() => Err(OutcomeKind::WrongType),
            entry => match apply(rules, key, entry) {
                Redacting::Omitted => Err(OutcomeKind::Redacted),
                Redacting::Kept(Entry::Text(text)) if text.len() > SETTING_LENGTH => {
                    Err(OutcomeKind::TooLarge)
                }
                Redacting::Kept(entry) => Ok((entry, false)),
                Redacting::Rewritten(entry) => Ok((entry, true)),
            },
        })
    }

    /// Entries whose keys the metric declares, each held against `check`, which says whether it rewrote the entry.
    fn keyed(
        &mut self,
        metric: &Metric,
        keys: &[KeyPattern],
        entries: BTreeMap<String, Entry>,
        check: impl Fn(&str, Entry) -> Result<(Entry, bool), Dropped>,
    ) -> Value {
        let mut kept = BTreeMap::new();
        for (key, entry) in entries {
            let checked = if key.is_empty() || !keys.iter().any(|pattern| pattern.matches(&key)) {
                Err(OutcomeKind::Undeclared)
            } else if key.len() > KEY_LENGTH || kept.len() >= KEYS_PER_METRIC {
                Err(OutcomeKind::TooLarge)
            } else {
                check(&key, entry)
            };
            match checked {
                Ok((entry, rewritten)) => {
                    if rewritten {
                        self.drop_value(metric, OutcomeKind::Redacted, Some(&key));
                    } else {
                        self.accepted += 1;
                    }
                    kept.insert(key, entry);
                }
                Err(kind) => self.drop_value(metric, kind, Some(&key)),
            }
        }
        Value::Keyed(kept)
    }

    fn devices(&mut self, metric: &Metric, columns: &[String], rows: Vec<BTreeMap<String, Entry>>) -> Value {
        let mut kept = Vec::new();
        for row in rows {
            match device_row(columns, &row) {
                Ok(()) if kept.len() < DEVICE_ROWS => kept.push(self.redacted_row(metric, row)),
                Ok(()) => self.drop_value(metric, OutcomeKind::TooLarge, None),
                Err(kind) => self.drop_value(metric, kind, None),
            }
        }
        Value::Rows(kept)
    }

    /// A device row whose revealing cells are "in use". A row is accepted where nothing in it was rewritten.
    fn redacted_row(&mut self, metric: &Metric, row: BTreeMap<String, Entry>) -> BTreeMap<String, Entry> {
        let mut rewritten = false;
        let mut kept = BTreeMap::new();
        for (name, cell) in row {
            let cell = match apply_to_cell(&name, cell) {
                Redacting::Kept(cell) => cell,
                Redacting::Rewritten(cell) => {
                    rewritten = true;
                    self.drop_value(metric, OutcomeKind::Redacted, Some(&name));
                    cell
                }
                Redacting::Omitted => continue,
            };
            kept.insert(name, cell);
        }
        self.accepted += u64::from(!rewritten);
        kept
    }

    fn usage(&mut self, report: &Report, rows: Vec<Usage>) -> Vec<Usage> {
        let mut kept = Vec::new();
        for row in rows {
            let Some(metric) = self.metric_for(report, &row.metric) else { continue };
            if self.row_fits(metric, usage_row(metric, &row), kept.len()) {
                kept.push(row);
            }
        }
        kept
    }

    fn flows(&mut self, report: &Report, rows: Vec<Flow>) -> Vec<Flow> {
        let mut kept = Vec::new();
        for row in rows {
            let Some(metric) = self.metric_for(report, &row.metric) else { continue };
            if self.row_fits(metric, flow_row(metric, &row), kept.len()) {
                kept.push(row);
            }
        }
        kept
    }

    /// Whether a row of usage or flows stays beside those that were kept; where it does not, that is an outcome.
    fn row_fits(&mut self, metric: &Metric, fits: Result<(), Dropped>, kept: usize) -> bool {
        let fits = fits.and(if kept < USAGE_ROWS { Ok(()) } else { Err(OutcomeKind::TooLarge) });
        match fits {
            Ok(()) => self.accepted += 1,
            Err(kind) => self.drop_value(metric, kind, None),
        }
        fits.is_ok()
    }

    /// Whether the policy declares a metric; where it does not, that is an outcome.
    fn declared(&mut self, name: &str) -> bool {
        let declared = self.policy.metric(name).is_some();
        if !declared {
            self.outcomes.add(Outcome::undeclared(name, OutcomeKind::Undeclared));
        }
        declared
    }

    /// Whether the policy declares a category; where it does not, that is an outcome.
    fn declared_category(&mut self, name: &str) -> bool {
        let declared = self.policy.category(name).is_some();
        if !declared {
            self.outcomes.add(Outcome::undeclared(name, OutcomeKind::Undeclared));
        }
        declared
    }

    /// Whether a report may say that this was not measured: only of what it might have measured, its key included.
    fn may_be_missing(&mut self, report: &Report, missing: &NotMeasured) -> bool {
        let Some(metric) = self.metric_for(report, missing.metric.as_str()) else { return false };
        let Some(key) = &missing.key else { return true };
        if key.len() > KEY_LENGTH {
            self.drop_value(metric, OutcomeKind::TooLarge, Some(key));
            return false;
        }
        let declared = may_miss_key(metric, key);
        if !declared {
            self.drop_value(metric, OutcomeKind::Undeclared, Some(key));
        }
        declared
    }

    /// Only what is withheld can wait for somebody's word.
    fn may_be_held(&mut self, report: &Report, metric: &MetricId) -> bool {
        let is_withheld = report.withheld.contains(metric);
        if !is_withheld && self.declared(metric.as_str()) {
            self.outcomes.add(Outcome::of(metric, OutcomeKind::NotAllowed, None));
        }
        is_withheld
    }

    fn name_what_is_missing(&mut self, report: &Report) {
        for metric in &report.withheld {
            self.outcomes.add(Outcome::of(metric, OutcomeKind::Withheld, None));
        }
        for missing in &report.not_measured {
            self.outcomes.add(Outcome::of(
                &missing.metric,
                OutcomeKind::NotMeasured,
                Some(missing.reason.word()),
            ));
        }
    }
}

/// Whether a key of this metric can be missing: a table that it counts, or that its settings or devices are read from.
fn may_miss_key(metric: &Metric, key: &str) -> bool {
    let any = |patterns: &[KeyPattern]| patterns.iter().any(|pattern| pattern.matches(key));
    if let MetricType::Count { keys, .. } = &metric.kind {
        return any(keys);
    }
    match &metric.origin {
        Origin::DatabaseColumns { tables } => any(tables),
        Origin::DatabaseRows { table, .. } | Origin::DatabaseDevices { table, .. } => {
            table.eq_ignore_ascii_case(key)
        }
        Origin::ApplicationName
        | Origin::ApplicationVersion
        | Origin::OsVersion
        | Origin::OsLocale
        | Origin::DatabaseProduct
        | Origin::DatabaseVersion
        | Origin::DatabaseEdition
        | Origin::DatabaseRowCounts { .. }
        | Origin::Given
        | Origin::Recorded
        | Origin::Connection => false,
    }
}
