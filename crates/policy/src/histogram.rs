//! A sparse, mergeable histogram of durations, log-scaled.
//!
//! Bucket `i` holds values in `(base^i, base^(i+1)]` with `base = 2^(2^-3)`, which is OpenTelemetry's exponential
//! histogram at scale 3 (opentelemetry.io, metrics data model). A bucket's middle is off by 4.3 % at the most.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// OpenTelemetry's `scale`.
pub const SCALE: i32 = 3;

/// Durations, counted by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// How many were zero or less.
    #[serde(default)]
    pub zero: u64,
    /// Counts by bucket index.
    #[serde(with = "pairs")]
    pub buckets: BTreeMap<i32, u64>,
}

impl Histogram {
    /// Counts one duration, milliseconds. What is not a number is not counted.
    pub fn record(&mut self, milliseconds: f64) {
        if milliseconds.is_nan() {
            return;
        }
        if milliseconds <= 0.0 {
            self.zero = self.zero.saturating_add(1);
            return;
        }
        let exact = milliseconds.log2() * f64::from(1 << SCALE);
        let index = (exact.ceil() - 1.0).clamp(-10_000.0, 10_000.0) as i32;
        let count = self.buckets.entry(index).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds another histogram's counts.
    pub fn merge(&mut self, other: &Self) {
        self.zero = self.zero.saturating_add(other.zero);
        for (index, count) in &other.buckets {
            let own = self.buckets.entry(*index).or_default();
            *own = own.saturating_add(*count);
        }
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.buckets.values().fold(self.zero, |sum, count| sum.saturating_add(*count))
    }

    /// The duration that a share of all stays under, milliseconds: the middle of its bucket. `share` from 0 to 1.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = ((share.clamp(0.0, 1.0) * total as f64).ceil() as u64).max(1);
        let mut seen = self.zero;
        if seen >= rank {
            return Some(0.0);
        }
        for (index, count) in &self.buckets {
            seen = seen.saturating_add(*count);
            if seen >= rank {
                return Some(middle(*index));
            }
        }
        None
    }
}

/// The value whose relative distance to both ends of a bucket is the same.
fn middle(index: i32) -> f64 {
    let base = 2f64.powf(1.0 / f64::from(1 << SCALE));
    let low = base.powi(index);
    2.0 * low * base / (1.0 + base)
}

/// Buckets on the wire: `[[index, count], …]`, indices rising.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(buckets: &BTreeMap<i32, u64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(buckets)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<i32, u64>, D::Error> {
        Ok(Vec::<(i32, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_off_by_five_percent_at_the_most() {
        for value in [0.001, 0.5, 1.0, 7.3, 1000.0, 86_400_000.0] {
            let mut histogram = Histogram::default();
            histogram.record(value);
            let found = histogram.quantile(0.5).unwrap();
            assert!((found - value).abs() / value < 0.05, "{value} came back as {found}");
        }
    }

    #[test]
    fn merging_counts_everything_once() {
        let mut both = Histogram::default();
        let mut other = Histogram::default();
        both.record(0.0);
        both.record(10.0);
        other.record(10.0);
        both.merge(&other);
        assert_eq!(both.count(), 3);
        let json = serde_json::to_string(&both).unwrap();
        assert_eq!(serde_json::from_str::<Histogram>(&json).unwrap(), both);
    }
}
