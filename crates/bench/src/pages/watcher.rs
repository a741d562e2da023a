//! Reads a collector's own metrics.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// Longer than any page takes that is worth a figure.
const LONGEST_REQUEST: Duration = Duration::from_mins(2);
/// Longer than any rebuild takes that is worth a figure.
const LONGEST_PROJECTION: Duration = Duration::from_hours(1);
/// How often to look whether the columns have caught up.
const LOOK: Duration = Duration::from_millis(100);

/// The time that reads of the columns took, and how many there were.
const READ_MICROSECONDS: &str = "candor_column_read_microseconds_total";
const READS: &str = "candor_column_reads_total";

/// Reads the metrics of a collector.
pub(super) struct Watcher {
    pub(super) client: reqwest::Client,
    pub(super) origin: String,
}

/// What the reads of the columns have come to since the collector started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reads {
    pub(super) milliseconds: f64,
    pub(super) count: f64,
}

impl Watcher {
    pub(super) fn of(address: SocketAddr) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().cookie_store(true).timeout(LONGEST_REQUEST);
        Ok(Self { client: client.build()?, origin: format!("http://{address}") })
    }

    /// Waits until the columns hold all that the journal holds, which is so many reports or more.
    pub(super) async fn columns_caught_up(&self, reports: u64) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let metrics = self.metrics().await?;
            let behind = value(&metrics, "candor_batches_behind").context("no candor_batches_behind")?;
            if behind == 0.0 {
                return Ok(());
            }
            if started.elapsed() > LONGEST_PROJECTION {
                bail!("the columns do not hold {reports} reports after {LONGEST_PROJECTION:?}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The reads so far; none where the collector's version does not count them.
    pub(super) async fn reads(&self) -> anyhow::Result<Option<Reads>> {
        let metrics = self.metrics().await?;
        let found = value(&metrics, READ_MICROSECONDS).zip(value(&metrics, READS));
        Ok(found.map(|(microseconds, count)| Reads { milliseconds: microseconds / 1000.0, count }))
    }

    async fn metrics(&self) -> anyhow::Result<String> {
        Ok(self.client.get(format!("{}/metrics", self.origin)).send().await?.text().await?)
    }
}

/// A metric without labels.
fn value(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_by_its_whole_name() {
        let metrics =
            "# TYPE candor_batches_behind gauge\ncandor_batches_behind_most 7\ncandor_batches_behind 3\n";
        assert_eq!(value(metrics, "candor_batches_behind"), Some(3.0));
        assert_eq!(value(metrics, "candor_batches"), None);
    }
}
