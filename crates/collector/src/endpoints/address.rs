//! What may be kept of where a submission comes from. A policy that declares no `transport` metric keeps nothing.

use std::net::IpAddr;

use candor_policy::{Collected, MetricType, Policy, Report, TransportForm};
use candor_web::first_bits;

/// What of an address is kept with a report: nothing, unless its policy declares a `transport` metric that this source
/// gathers in this release, and the consent covers it.
pub fn address_to_keep(policy: &Policy, report: &Report, address: Option<IpAddr>) -> Option<String> {
    let running = policy.releases.of_version(&report.version);
    let form = policy.metrics.iter().find_map(|metric| match metric.kind {
        MetricType::Transport(form)
            if metric.sources.contains(&report.source)
                && metric.collected_in(running.as_ref()) == Collected::Yes
                && report.consent.scope.covers(&metric.category)
                && !report.withheld.contains(&metric.id) =>
        {
            Some(form)
        }
        _ => None,
    })?;
    let address = address?;
    Some(match (form, address) {
        (TransportForm::Whole, _) => address.to_string(),
        (TransportForm::Truncated, IpAddr::V4(_)) => first_bits(address, 24).to_string(),
        (TransportForm::Truncated, IpAddr::V6(_)) => first_bits(address, 48).to_string(),
    })
}
