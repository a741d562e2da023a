//! One server in one round, and the medians over all rounds.

use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use serde::Serialize;

use super::IngestSettings;
use crate::figures::{median, milliseconds, percentile};
use crate::load::{Load, closed, open};
use crate::server::Server;

/// A wait from which on it is one of the long ones: a percentile alone does not say how many there are.
const LONG_WAIT: Duration = Duration::from_millis(2);

/// What every server gets, in this order.
pub(super) struct Lots {
    pub(super) warm_up: Vec<Bytes>,
    pub(super) at_rate: Vec<Bytes>,
    pub(super) at_full_speed: Vec<Bytes>,
}

/// One server in one round.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
    pub(super) server: &'static str,
    /// Reports acknowledged durable per second, closed loop.
    pub(super) throughput: f64,
    /// Waits at the set rate, open loop, milliseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    /// Share of those that wait longer than [`LONG_WAIT`].
    pub(super) long: f64,
    /// Processor time of the server per report at the set rate, microseconds.
    pub(super) processor: f64,
}

/// Measures a server that has just started.
pub(super) async fn measured(
    name: &'static str,
    server: &Server,
    lots: &Lots,
    settings: &IngestSettings,
) -> anyhow::Result<Measured> {
    let said = || format!("the {name} said:\n{}", server.said());
    closed(server.address(), &lots.warm_up, settings.connections).await.with_context(said)?;
    let before = server.processor_time().unwrap_or_default();
    let rate = f64::from(settings.rate);
    // More connections than reports under way at any moment, unless the server falls far behind.
    let load =
        open(server.address(), &lots.at_rate, 4 * settings.connections, rate).await.with_context(said)?;
    let used = server.processor_time().unwrap_or_default().saturating_sub(before);
    let full =
        closed(server.address(), &lots.at_full_speed, settings.connections).await.with_context(said)?;
    let wait = |share| percentile(load.waits.iter().copied().map(milliseconds), share);
    let reports = load.waits.len().max(1) as f64;
    Ok(Measured {
        server: name,
        throughput: per_second(&full),
        p50: wait(0.5),
        p99: wait(0.99),
        p999: wait(0.999),
        long: load.waits.iter().filter(|wait| **wait > LONG_WAIT).count() as f64 / reports,
        processor: used.as_secs_f64() * 1e6 / reports,
    })
}

fn per_second(load: &Load) -> f64 {
    load.waits.len() as f64 / load.elapsed.as_secs_f64().max(f64::EPSILON)
}

/// The medians of one server over the rounds; none where it was not measured.
pub(super) fn medians(name: &str, rounds: &[Measured]) -> Option<Measured> {
    let own = || rounds.iter().filter(|measured| measured.server == name);
    let of = |figure: fn(&Measured) -> f64| median(own().map(figure));
    Some(Measured {
        server: own().next()?.server,
        throughput: of(|measured| measured.throughput),
        p50: of(|measured| measured.p50),
        p99: of(|measured| measured.p99),
        p999: of(|measured| measured.p999),
        long: of(|measured| measured.long),
        processor: of(|measured| measured.processor),
    })
}
