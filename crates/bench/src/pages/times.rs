//! How long one address takes, and its queries in the store.

use serde::Serialize;

use super::staff::Staff;
use crate::figures::{milliseconds, percentile};

/// What one address came to, milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Times {
    pub(super) address: String,
    pub(super) p50: f64,
    pub(super) p95: f64,
    /// The mean time of all its queries together, from the question to the last row.
    pub(super) queries: Option<f64>,
    /// How many queries it asks.
    pub(super) query_count: Option<f64>,
}

/// Asks so many times, one after the other. Nobody else asks meanwhile, so that every query in between is this address's.
pub(super) async fn measure(staff: &Staff, address: &str, times: usize) -> anyhow::Result<Times> {
    let before = staff.queries().await?;
    let mut waits = Vec::with_capacity(times);
    for _ in 0..times {
        waits.push(milliseconds(staff.browse(address).await?));
    }
    let after = staff.queries().await?;
    let spent = before.zip(after);
    let each = |total: f64| total / times as f64;
    Ok(Times {
        address: address.to_owned(),
        p50: percentile(waits.iter().copied(), 0.5),
        p95: percentile(waits, 0.95),
        queries: spent.map(|(before, after)| each(1000.0 * (after.seconds - before.seconds))),
        query_count: spent.map(|(before, after)| each(after.count - before.count)),
    })
}
