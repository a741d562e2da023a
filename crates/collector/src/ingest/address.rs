//! Where a submission comes from, and what of that may be kept. A policy that declares no `transport` metric keeps
//! nothing.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, bail};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use candor_policy::{Collected, MetricType, Policy, Report, TransportForm};

use crate::AppState;

/// A proxy that is believed when it says whom it speaks for.
#[derive(Clone, Debug)]
pub struct TrustedProxy {
    header: HeaderName,
    from: Vec<Network>,
}

/// The address that a request comes from, where it is known.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub Option<IpAddr>);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let proxy = state.config.trusted_proxy.as_ref();
        Ok(Self(peer.and_then(|ConnectInfo(peer)| client_address(*peer, &parts.headers, proxy))))
    }
}

/// Who counts as one where requests are limited: an IPv4 address, or the 64 first bits of an IPv6 address, since whoever has
/// one address there has all of them. Requests whose address is hidden count as one sender together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sender(Option<IpAddr>);

impl ClientAddress {
    /// Whom a request counts for.
    pub fn sender(&self) -> Sender {
        Sender(self.0.map(|address| if address.is_ipv6() { first_bits(address, 64) } else { address }))
    }
}

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl TrustedProxy {
    /// A proxy that names its clients in `header` and sits in one of the networks, such as `10.0.0.0/8` or `::1`.
    ///
    /// # Errors
    /// Where the header or a network is none.
    pub fn new(header: &str, from: &[String]) -> anyhow::Result<Self> {
        let header = header.parse().with_context(|| format!("`{header}` is no name of a header field"))?;
        let from = from.iter().map(|network| Network::parse(network)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self { header, from })
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.from.iter().any(|network| network.covers(address))
    }
}

impl Network {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().with_context(|| format!("`{text}` is no network"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().with_context(|| format!("`{text}` is no network"))?,
            None => most,
        };
        if bits > most {
            bail!("`{text}` is no network: it has {most} bits at the most");
        }
        Ok(Self { address, bits })
    }

    fn covers(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && first_bits(self.address, self.bits) == first_bits(address, self.bits)
    }
}

/// The address with all bits after the first `bits` cleared.
fn first_bits(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

/// The address that a request comes from: the peer's, or, where the peer is a proxy that is believed, the last one in
/// its header that is not itself such a proxy. What stands before that anybody may have written.
fn client_address(peer: SocketAddr, headers: &HeaderMap, proxy: Option<&TrustedProxy>) -> Option<IpAddr> {
    let mut address = peer.ip().to_canonical();
    let Some(proxy) = proxy else { return Some(address) };
    let lines: Vec<&str> =
        headers.get_all(&proxy.header).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut hops = lines.iter().flat_map(|line| line.split(',')).rev();
    while proxy.trusts(address) {
        let Some(hop) = hops.next() else { break };
        // A hop that cannot be read hides whom the proxy speaks for.
        address = read_hop(hop.trim())?;
    }
    Some(address)
}

/// An address, perhaps with a port.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = bare.parse().ok();
    address
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, header: &[&str], trusted: &[&str]) -> Option<String> {
        let trusted: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        let proxy = TrustedProxy::new("X-Forwarded-For", &trusted).unwrap();
        let mut headers = HeaderMap::new();
        for line in header {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, Some(&proxy)).map(|address| address.to_string())
    }

    #[test]
    fn only_a_trusted_peer_is_believed() {
        assert_eq!(
            seen("198.51.100.9:1", &["203.0.113.7"], &["10.0.0.0/8"]).as_deref(),
            Some("198.51.100.9")
        );
        assert_eq!(seen("10.1.2.3:1", &["203.0.113.7"], &["10.0.0.0/8"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(
            seen("[::ffff:10.1.2.3]:1", &["203.0.113.7"], &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(seen("10.1.2.3:1", &[], &["10.0.0.0/8"]).as_deref(), Some("10.1.2.3"));
    }

    #[test]
    fn the_last_hop_that_is_not_trusted_counts() {
        let forged = ["1.1.1.1, 203.0.113.7", "10.9.9.9"];
        assert_eq!(seen("10.1.2.3:1", &forged, &["10.0.0.0/8"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(
            seen("10.1.2.3:1", &["[2001:db8::1]:443"], &["10.0.0.0/8"]).as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(seen("10.1.2.3:1", &["203.0.113.7, unknown"], &["10.0.0.0/8"]), None);
    }

    #[test]
    fn a_sender_is_an_address_or_a_whole_network_of_one_customer() {
        let sender = |address: &str| ClientAddress(address.parse().ok()).sender();
        assert_eq!(sender("2001:db8:1:2::1"), sender("2001:db8:1:2:ffff::9"));
        assert_ne!(sender("2001:db8:1:2::1"), sender("2001:db8:1:3::1"));
        assert_ne!(sender("203.0.113.7"), sender("203.0.113.8"));
        assert_ne!(sender("hidden"), sender("203.0.113.7"));
    }

    #[test]
    fn a_network_is_checked() {
        assert!(Network::parse("10.0.0.0/33").is_err());
        assert!(Network::parse("ten").is_err());
        assert!(Network::parse("::/0").unwrap().covers("2001:db8::1".parse().unwrap()));
    }
}
