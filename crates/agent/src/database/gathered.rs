//! What came out of a database: facts, what could not be measured, and notes for the administrator.

use std::collections::{BTreeMap, BTreeSet};

use candor_policy::{MetricId, NotMeasured, Reason, Value};

use super::Failure;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// Values by metric; excepted and omitted ones are not among them, and revealing ones are rewritten.
    pub facts: BTreeMap<String, Value>,
    /// What could not be measured, and why.
    pub not_measured: BTreeSet<NotMeasured>,
    /// What the site's administrator should know. These stay on the site: they may name its files and hosts.
    pub notes: Vec<Note>,
}

/// Something that the site's administrator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The metric that it is about.
    pub metric: MetricId,
    /// What happened, and what to do next.
    pub text: String,
}

impl Gathered {
    /// Names what could not be measured: in the report by its reason alone, to the administrator in full.
    pub(crate) fn miss(&mut self, metric: &MetricId, key: Option<&str>, failure: &Failure) {
        self.miss_quietly(metric, key, failure.reason);
        self.notes.push(Note { metric: metric.clone(), text: failure.message.clone() });
    }

    /// The same where the administrator has been told already.
    pub(crate) fn miss_quietly(&mut self, metric: &MetricId, key: Option<&str>, reason: Reason) {
        self.not_measured.insert(NotMeasured { metric: metric.clone(), key: key.map(str::to_owned), reason });
    }
}
