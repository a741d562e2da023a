//! How a collector is started: the options of `serve`, and what they come to once they are checked.
//!
//! An option is declared once, in [`Options`] or [`Caps`]. Its variable in the environment and its key in the file follow
//! from its name; [`crate::layers`] reads them.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::Uri;
use candor_policy::limits::{REPORT_BYTES, SUBMISSION_BYTES};
use candor_web::TrustedProxy;
pub use candor_web::tls::TlsFiles;
use clap::Args;

use crate::limits;

/// Where a collector listens if nobody says otherwise: this machine alone.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8787";

/// What can be said on the command line, in the environment and in the file.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// The address that browsers and installations use, where it is another
    #[arg(long, value_name = "URL", value_parser = checked_url)]
    public_url: Option<String>,
    /// The header field in which a proxy names its client, such as X-Forwarded-For
    #[arg(long, value_name = "FIELD")]
    trusted_proxy_header: Option<String>,
    /// The networks from which that field is believed, such as 127.0.0.1/32; several with commas between
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',')]
    trusted_proxy_from: Vec<String>,
    /// The certificate to serve HTTPS with, and those between it and the root, PEM
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    caps: Caps,
}

/// What a request may cost.
#[derive(Args, Clone, Debug)]
pub struct Caps {
    /// Largest body as it is sent, bytes
    #[arg(long = "caps-submission-bytes", value_name = "BYTES", value_parser = positive::<usize>,
          default_value_t = Caps::default().submission_bytes)]
    pub submission_bytes: usize,
    /// Largest body after decompression, bytes; no more than the default
    #[arg(long = "caps-report-bytes", value_name = "BYTES", value_parser = report_bytes,
          default_value_t = Caps::default().report_bytes)]
    pub report_bytes: usize,
    /// How long a request's header may take, seconds
    #[arg(long = "caps-header-seconds", value_name = "SECONDS", value_parser = seconds,
          default_value = Caps::default().header_time.as_secs().to_string())]
    pub header_time: Duration,
    /// How long a request's body may take, seconds
    #[arg(long = "caps-body-seconds", value_name = "SECONDS", value_parser = seconds,
          default_value = Caps::default().body_time.as_secs().to_string())]
    pub body_time: Duration,
    /// Reports that an installation may send at once
    #[arg(long = "caps-reports-burst", value_name = "COUNT", value_parser = positive::<u32>,
          default_value_t = Caps::default().reports_burst)]
    pub reports_burst: u32,
    /// Reports that an installation may send per minute in the long run
    #[arg(long = "caps-reports-per-minute", value_name = "COUNT", value_parser = positive::<u32>,
          default_value_t = Caps::default().reports_per_minute)]
    pub reports_per_minute: u32,
    /// Bytes of reports, decompressed, that an installation may send at once and per day in the long run
    #[arg(long = "caps-bytes-per-day", value_name = "BYTES", value_parser = positive::<u64>,
          default_value_t = Caps::default().bytes_per_day)]
    pub bytes_per_day: u64,
    /// Free bytes on the disk of the data folder below which reports and enrolments are refused
    #[arg(long = "caps-disk-floor-bytes", value_name = "BYTES", value_parser = positive::<u64>,
          default_value_t = Caps::default().disk_floor_bytes)]
    pub disk_floor_bytes: u64,
    /// Installations that may enrol at once from one address
    #[arg(long = "caps-enrolments-burst", value_name = "COUNT", value_parser = positive::<u32>,
          default_value_t = Caps::default().enrolments_burst)]
    pub enrolments_burst: u32,
    /// Installations that may enrol per minute from one address in the long run
    #[arg(long = "caps-enrolments-per-minute", value_name = "COUNT", value_parser = positive::<u32>,
          default_value_t = Caps::default().enrolments_per_minute)]
    pub enrolments_per_minute: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            submission_bytes: SUBMISSION_BYTES,
            report_bytes: REPORT_BYTES,
            header_time: limits::HEADER_TIME,
            body_time: limits::BODY_TIME,
            reports_burst: limits::REPORTS_BURST,
            reports_per_minute: limits::REPORTS_PER_MINUTE,
            bytes_per_day: limits::BYTES_PER_DAY,
            disk_floor_bytes: limits::DISK_FLOOR_BYTES,
            enrolments_burst: limits::ENROLMENTS_BURST,
            enrolments_per_minute: limits::ENROLMENTS_PER_MINUTE,
        }
    }
}

/// The configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address that is listened on.
    pub listen: SocketAddr,
    /// The address that browsers and installations use, without a closing slash; none: the one listened on.
    pub public_url: Option<String>,
    /// The proxy that is believed when it says whom it speaks for.
    pub trusted_proxy: Option<TrustedProxy>,
    /// The certificate to serve HTTPS with.
    pub tls: Option<TlsFiles>,
    /// What a request may cost.
    pub caps: Caps,
}

impl Config {
    /// The defaults, listening on this address.
    pub fn on(listen: SocketAddr) -> Self {
        Self { listen, public_url: None, trusted_proxy: None, tls: None, caps: Caps::default() }
    }

    /// Checks options that were read. `faults` are those found on the way there.
    ///
    /// # Errors
    /// Where there is a fault: all of them are named at once.
    pub fn new(options: Options, mut faults: Vec<String>) -> anyhow::Result<Self> {
        let Options { listen, public_url, caps, .. } = options;
        let tls =
            pair(("tls.certificate", options.tls_certificate), ("tls.key", options.tls_key), &mut faults)
                .map(|(certificate, key)| TlsFiles { certificate, key });
        let from = Some(options.trusted_proxy_from).filter(|from| !from.is_empty());
        let header = ("trusted_proxy.header", options.trusted_proxy_header);
        let trusted_proxy =
            pair(header, ("trusted_proxy.from", from), &mut faults).and_then(|(header, from)| {
                let proxy = TrustedProxy::new(&header, &from).context("`trusted_proxy`");
                proxy.map_err(|fault| faults.push(format!("{fault:#}"))).ok()
            });
        if !faults.is_empty() {
            bail!("the configuration cannot be used:\n{}", faults.join("\n"));
        }
        Ok(Self { listen, public_url, trusted_proxy, tls, caps })
    }

    /// Whether browsers reach this collector over HTTPS, here or at a proxy.
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// Two keys that need each other.
fn pair<A, B>(
    (first, a): (&str, Option<A>),
    (second, b): (&str, Option<B>),
    faults: &mut Vec<String>,
) -> Option<(A, B)> {
    match (&a, &b) {
        (Some(_), None) => faults.push(format!("`{second}` is missing")),
        (None, Some(_)) => faults.push(format!("`{first}` is missing")),
        (Some(_), Some(_)) | (None, None) => {}
    }
    a.zip(b)
}

/// The address of a site, without a closing slash.
///
/// # Errors
/// Where it is not one, such as `collector.vendor.example`, which lacks https:// before it.
pub fn checked_url(url: &str) -> anyhow::Result<String> {
    let trimmed = url.trim_end_matches('/');
    let is_site = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
    };
    if !trimmed.parse().is_ok_and(|uri| is_site(&uri)) {
        bail!("not a valid URL: `{url}`; write it as https://collector.vendor.example");
    }
    Ok(trimmed.to_owned())
}

/// A cap of zero would let nothing through.
fn positive<T: FromStr<Err: Display> + Default + PartialEq>(text: &str) -> Result<T, String> {
    let number: T = text.parse().map_err(|error: T::Err| error.to_string())?;
    if number == T::default() {
        return Err("must be greater than 0".to_owned());
    }
    Ok(number)
}

fn seconds(text: &str) -> Result<Duration, String> {
    positive(text).map(Duration::from_secs)
}

fn report_bytes(text: &str) -> Result<usize, String> {
    let bytes = positive(text)?;
    if bytes > REPORT_BYTES {
        return Err(format!("may lower the limit of {REPORT_BYTES} bytes, not raise it"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_scheme_and_a_host() {
        assert_eq!(checked_url("https://a.example:8443/").unwrap(), "https://a.example:8443");
        for bad in ["foo", "https://", "ftp://a.example", "https://a b.example", "http://?x", ""] {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
