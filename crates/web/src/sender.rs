//! Where a request comes from: the peer, or whom a proxy that is believed says it speaks for.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::header::FORWARDED;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// First bits of an IPv6 address that a customer has as a whole: whoever has one address of them has all.
const CUSTOMER_BITS: u8 = 64;

/// A proxy that is believed when it says whom it speaks for; cloning it is cheap.
#[derive(Clone, Debug)]
pub struct TrustedProxy(Arc<Trusted>);

#[derive(Debug)]
struct Trusted {
    header: HeaderName,
    from: Vec<IpNet>,
}

/// Why a proxy cannot be trusted as it was named.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TrustedProxyError {
    /// The field's name is none.
    #[error("not a valid name of a header field: `{0}`")]
    Header(String),
    /// Neither an address nor a network.
    #[error("not a valid network: `{0}`; write an address such as ::1, or a network such as 10.0.0.0/8")]
    Network(String),
}

impl TrustedProxy {
    /// A proxy that names its clients in `header` and sits in one of these networks. In the field `Forwarded` clients are named as
    /// RFC 7239 says; any other, such as `X-Forwarded-For`, is a list of addresses.
    ///
    /// # Errors
    /// [`TrustedProxyError`] for the first name that is not valid.
    pub fn new(header: &str, from: &[String]) -> Result<Self, TrustedProxyError> {
        let header = header.parse().map_err(|_| TrustedProxyError::Header(header.to_owned()))?;
        let from = from.iter().map(|text| network(text)).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Trusted { header, from })))
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.from.iter().any(|network| network.contains(&address))
    }

    /// Whom the proxies say they speak for, the nearest first; `None` where a hop hides its client.
    fn hops<'h>(&self, headers: &'h HeaderMap) -> impl Iterator<Item = Option<IpAddr>> + use<'h> {
        let is_standard = self.0.header == FORWARDED;
        let lines: Vec<&str> =
            headers.get_all(&self.0.header).iter().filter_map(|line| line.to_str().ok()).collect();
        let hops: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
        hops.into_iter().rev().map(move |hop| {
            if is_standard { forwarded_for(hop).and_then(read_address) } else { read_address(hop.trim()) }
        })
    }
}

fn network(text: &str) -> Result<IpNet, TrustedProxyError> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| TrustedProxyError::Network(text.to_owned()))
}

/// The address that a request comes from; none where a proxy hides it.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub Option<IpAddr>);

impl<S> FromRequestParts<S> for ClientAddress
where
    S: Send + Sync,
    Option<TrustedProxy>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let proxy = Option::<TrustedProxy>::from_ref(state);
        Ok(Self(peer.and_then(|ConnectInfo(peer)| client_address(*peer, &parts.headers, proxy.as_ref()))))
    }
}

/// Who counts as one where requests are limited: an IPv4 address, or the network of an IPv6 address. Requests whose address is
/// hidden count as one sender together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sender(Option<IpAddr>);

impl ClientAddress {
    /// Whom a request counts for.
    pub fn sender(&self) -> Sender {
        Sender(
            self.0
                .map(|address| if address.is_ipv6() { first_bits(address, CUSTOMER_BITS) } else { address }),
        )
    }
}

/// The address with all bits after the first `bits` cleared.
pub fn first_bits(address: IpAddr, bits: u8) -> IpAddr {
    IpNet::new(address, bits).map_or(address, |network| network.network())
}

/// The peer's address, or, where the peer is a proxy that is believed, the last one in its header that is not itself such a
/// proxy. What stands before that anybody may have written.
fn client_address(peer: SocketAddr, headers: &HeaderMap, proxy: Option<&TrustedProxy>) -> Option<IpAddr> {
    let mut address = peer.ip().to_canonical();
    let Some(proxy) = proxy else { return Some(address) };
    let mut hops = proxy.hops(headers);
    while proxy.trusts(address) {
        let Some(hop) = hops.next() else { break };
        address = hop?;
    }
    Some(address)
}

/// The client that an element of `Forwarded` names, without its quotes: `for="[2001:db8::1]:4711";proto=https`. A comma within
/// quotes would split an element: no address has one, and what it leaves hides the client.
fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    })
}

/// An address, perhaps with a port or in brackets.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = bare.parse().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_by(field: &'static str, peer: &str, lines: &[&str], trusted: &[&str]) -> Option<String> {
        let trusted: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        let proxy = TrustedProxy::new(field, &trusted).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(field.parse::<HeaderName>().unwrap(), line.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, Some(&proxy)).map(|address| address.to_string())
    }

    fn seen(peer: &str, lines: &[&str], trusted: &[&str]) -> Option<String> {
        seen_by("X-Forwarded-For", peer, lines, trusted)
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
    fn the_standard_field_is_read_as_rfc_7239_says() {
        let seen = |lines: &[&str]| seen_by("Forwarded", "10.1.2.3:1", lines, &["10.0.0.0/8"]);
        assert_eq!(
            seen(&["for=192.0.2.43, For=\"203.0.113.7:4711\";proto=https"]).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(seen(&["For=\"[2001:db8:cafe::17]:4711\""]).as_deref(), Some("2001:db8:cafe::17"));
        assert_eq!(seen(&["for=203.0.113.7;by=203.0.113.43, for=10.9.9.9"]).as_deref(), Some("203.0.113.7"));
        for hidden in ["for=_hidden", "for=unknown", "proto=https", "for=\"203.0.113.7, for=1.1.1.1\", for=x"]
        {
            assert_eq!(seen(&[hidden]), None, "{hidden}");
        }
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
    fn a_name_that_is_not_valid_is_said() {
        let fault =
            |header: &str, network: &str| TrustedProxy::new(header, &[network.to_owned()]).unwrap_err();
        assert_eq!(fault("x", "10.0.0.0/33"), TrustedProxyError::Network("10.0.0.0/33".into()));
        assert_eq!(fault("x", "ten"), TrustedProxyError::Network("ten".into()));
        assert_eq!(fault("a b", "::/0"), TrustedProxyError::Header("a b".into()));
    }
}
