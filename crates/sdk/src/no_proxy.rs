//! `NO_PROXY`, as curl, Go and Python read it: names separated by commas or spaces. A name covers itself and all names below it,
//! with or without a dot or `*.` before it; an address covers itself, a network (`10.0.0.0/8`) its addresses; a port after a name or an address
//! narrows it; `*` covers everything.

use std::net::IpAddr;

use ureq::http::Uri;

/// Whether the exceptions cover the host, and the port, of an address.
pub fn covers(exceptions: &str, uri: &Uri) -> bool {
    let Some(host) = uri.host() else { return false };
    let host = bare(host);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    exceptions.split([',', ' ', '\t']).filter(|exception| !exception.is_empty()).any(|exception| {
        let (pattern, only_port) = without_port(exception);
        only_port.is_none_or(|only| only == port) && covers_host(pattern, &host)
    })
}

fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// Splits `name:443`, `[::1]:443`; the colons of a bare IPv6 address are its own.
fn without_port(exception: &str) -> (&str, Option<u16>) {
    match exception.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (exception, None),
        },
        Some(_) | None => (exception, None),
    }
}

fn covers_host(pattern: &str, host: &str) -> bool {
    let pattern = bare(pattern);
    if pattern == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return covers_address(&pattern, address);
    }
    let name = pattern.trim_start_matches("*.").trim_start_matches('.');
    !name.is_empty() && host.strip_suffix(name).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

fn covers_address(pattern: &str, address: IpAddr) -> bool {
    let (network, bits) =
        pattern.split_once('/').map_or((pattern, None), |(network, bits)| (network, Some(bits)));
    let Ok(network) = network.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let Ok(bits) = bits.map_or(Ok(longest), str::parse::<u32>) else { return false };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            same_start(network.to_bits().into(), address.to_bits().into(), bits, longest)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            same_start(network.to_bits(), address.to_bits(), bits, longest)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

fn same_start(one: u128, other: u128, bits: u32, longest: u32) -> bool {
    bits <= longest && (bits == 0 || (one ^ other) >> (longest - bits) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_mean_what_curl_go_and_python_mean() {
        let collector = "https://collector.bugs.test:9130";
        for (exceptions, url, covered) in [
            ("collector.bugs.test", collector, true),
            ("bugs.test", collector, true),
            (".bugs.test", collector, true),
            ("*.bugs.test", collector, true),
            ("*", collector, true),
            ("BUGS.Test", collector, true),
            ("collector.bugs.test:9130", collector, true),
            ("collector.bugs.test:443", collector, false),
            ("ugs.test", collector, false),
            ("other.test bugs.test", collector, true),
            ("other.test,\tbugs.test.", collector, true),
            ("127.0.0.0/8", "https://127.1.2.3", true),
            ("10.0.0.0/8", "https://10.9.8.7:8443", true),
            ("10.0.0.0/8", "https://11.9.8.7", false),
            ("10.9.8.7", "https://10.9.8.7", true),
            ("10.9.8.7:8443", "https://10.9.8.7", false),
            ("0.0.0.0/0", "https://10.9.8.7", true),
            ("10.0.0.0/33", "https://10.0.0.0", false),
            ("fd00::/8", "https://[fd00::1]:9", true),
            ("[fd00::1]:9", "https://[fd00::1]:9", true),
            ("fd00::2", "https://[fd00::1]", false),
            ("", collector, false),
            (" , ", collector, false),
        ] {
            assert_eq!(covers(exceptions, &url.parse().unwrap()), covered, "{exceptions:?} for {url}");
        }
    }
}
