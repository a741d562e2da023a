//! How long one address takes, and its reads of the columns.

use serde::Serialize;

use super::staff::Staff;
use crate::figures::{milliseconds, percentile};

/// What one address came to, milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Times {
    pub(super) address: String,
    pub(super) p50: f64,
    pub(super) p95: f64,
    /// The mean time of all its reads of the columns together, from the question to the last row.
    pub(super) reads: Option<f64>,
    /// How many reads it asks for.
    pub(super) read_count: Option<f64>,
}

/// Asks so many times, one after the other. Nobody else asks meanwhile, so that every read in between is this address's.
pub(super) async fn measure(staff: &Staff, address: &str, times: usize) -> anyhow::Result<Times> {
    let before = staff.reads().await?;
    let mut waits = Vec::with_capacity(times);
    for _ in 0..times {
        waits.push(milliseconds(staff.browse(address).await?));
    }
    let after = staff.reads().await?;
    let spent = before.zip(after);
    let each = |total: f64| total / times as f64;
    Ok(Times {
        address: address.to_owned(),
        p50: percentile(waits.iter().copied(), 0.5),
        p95: percentile(waits, 0.95),
        reads: spent.map(|(before, after)| each(after.milliseconds - before.milliseconds)),
        read_count: spent.map(|(before, after)| each(after.count - before.count)),
    })
}
