//! The names that rows and figures share: a metric of a policy, and a key of it.

/// A metric of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricOf {
    /// The policy.
    pub policy: String,
    /// The metric.
    pub metric: String,
}

/// A key of a metric, such as a module's table or a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyOf {
    /// The policy.
    pub policy: String,
    /// The metric.
    pub metric: String,
    /// The key.
    pub key: String,
}

impl MetricOf {
    /// A metric, by its two names.
    pub fn new(policy: &str, metric: &str) -> Self {
        Self { policy: policy.to_owned(), metric: metric.to_owned() }
    }
}

impl KeyOf {
    /// Its metric.
    pub fn metric_of(&self) -> MetricOf {
        MetricOf::new(&self.policy, &self.metric)
    }
}

/// Metrics as one bound value: `policy/metric policy/metric`. Both names are identifiers, which have neither sign.
pub(super) fn wanted(metrics: &[MetricOf]) -> String {
    let names: Vec<String> =
        metrics.iter().map(|metric| format!("{}/{}", metric.policy, metric.metric)).collect();
    names.join(" ")
}
