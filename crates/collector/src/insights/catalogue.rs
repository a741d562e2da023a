//! What the published policies declare, put together: titles of metrics, which of them answer what, the order of releases.

use std::cmp::Ordering;
use std::sync::Arc;

use candor_policy::{Metric, MetricType, Origin, Policy};

use super::versions;
use crate::store::insights::MetricOf;

/// All published policies, each with its versions, newest first.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    policies: Vec<Arc<Policy>>,
}

impl Catalogue {
    /// Policies in any order.
    pub fn new(mut policies: Vec<Arc<Policy>>) -> Self {
        policies.sort_by(|one, other| {
            let newest_first = other.effective.cmp(&one.effective);
            one.id
                .cmp(&other.id)
                .then(newest_first)
                .then_with(|| versions::for_lists(&other.version, &one.version))
        });
        Self { policies }
    }

    /// The newest version of each policy.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Policy>> {
        self.policies.chunk_by(|one, other| one.id == other.id).filter_map(|versions| versions.first())
    }

    /// The policies whose newest version declares a voucher key.
    pub fn vouched(&self) -> Vec<String> {
        let vouched = self.newest().filter(|policy| policy.collector.voucher_key.is_some());
        vouched.map(|policy| policy.id.to_string()).collect()
    }

    /// All versions of a policy, newest first.
    pub fn versions_of(&self, id: &str) -> impl Iterator<Item = &Arc<Policy>> {
        self.policies.iter().filter(move |policy| policy.id.as_str() == id)
    }

    /// A version of a policy.
    pub fn version(&self, id: &str, version: &str) -> Option<&Arc<Policy>> {
        self.versions_of(id).find(|policy| policy.version == version)
    }

    /// Who publishes a policy.
    pub fn publisher(&self, id: &str) -> String {
        self.versions_of(id).next().map_or_else(|| id.to_owned(), |policy| policy.publisher.clone())
    }

    /// The newest declaration of a metric.
    pub fn metric(&self, of: &MetricOf) -> Option<&Metric> {
        self.versions_of(&of.policy).find_map(|policy| policy.metric(&of.metric))
    }

    /// A metric's title; its name where no version declares it.
    pub fn title(&self, of: &MetricOf) -> String {
        self.metric(of).map_or_else(|| of.metric.clone(), |metric| metric.title.clone())
    }

    /// The metrics of all versions for which this holds, each once.
    pub fn metrics(&self, holds: impl Fn(&Metric) -> bool) -> Vec<MetricOf> {
        let mut found = Vec::new();
        for policy in &self.policies {
            for metric in policy.metrics.iter().filter(|metric| holds(metric)) {
                let of = MetricOf::new(policy.id.as_str(), metric.id.as_str());
                if !found.contains(&of) {
                    found.push(of);
                }
            }
        }
        found
    }

    /// The metrics with this origin.
    pub fn from(&self, origin: &Origin) -> Vec<MetricOf> {
        self.metrics(|metric| metric.origin == *origin)
    }

    /// The metrics that count records.
    pub fn counts(&self) -> Vec<MetricOf> {
        self.metrics(|metric| matches!(metric.kind, MetricType::Count { .. }))
    }

    /// The metrics that hold settings.
    pub fn settings(&self) -> Vec<MetricOf> {
        self.metrics(|metric| matches!(metric.kind, MetricType::Setting { .. }))
    }

    /// The metrics that hold devices.
    pub fn devices(&self) -> Vec<MetricOf> {
        self.metrics(|metric| matches!(metric.kind, MetricType::Devices { .. }))
    }

    /// Which of two versions of a policy's product is older, by its list of releases; where that does not say, by their
    /// numbers.
    pub fn compare_versions(&self, policy: &str, one: &str, other: &str) -> Ordering {
        let by_numbers = || versions::for_lists(one, other);
        let Some(newest) = self.versions_of(policy).next() else { return by_numbers() };
        match (newest.releases.of_version(one), newest.releases.of_version(other)) {
            (Some(one), Some(other)) => one.rank.cmp(&other.rank).then_with(by_numbers),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => by_numbers(),
        }
    }
}
