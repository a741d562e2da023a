//! How a collector is started: what stands in the optional file, and what the command line says over it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::ingest::TrustedProxy;
use crate::limits;

/// Where a collector listens if nobody says otherwise: this machine alone.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8787";

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
    /// Whether the journal's log gets all its room at the start; tests have no load and many starts.
    pub makes_room: bool,
}

/// Files in PEM form.
#[derive(Clone, Debug, Deserialize)]
pub struct TlsFiles {
    /// The certificate and those between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    #[serde(flatten)]
    unknown: Unknown,
}

/// What a request may cost. The defaults stand in [`crate::limits`] and [`candor_policy::limits`].
#[derive(Clone, Debug)]
pub struct Caps {
    /// Largest body on the wire, bytes.
    pub submission_bytes: usize,
    /// Largest body after decompression, bytes.
    pub report_bytes: usize,
    /// How long a header may take.
    pub header_time: Duration,
    /// How long a body may take.
    pub body_time: Duration,
    /// Reports that an installation may send at once.
    pub reports_burst: u32,
    /// Reports that an installation may send per minute in the long run.
    pub reports_per_minute: u32,
    /// Installations that may enrol at once from one address.
    pub enrolments_burst: u32,
    /// Installations that may enrol per minute in the long run from one address.
    pub enrolments_per_minute: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            submission_bytes: candor_policy::limits::SUBMISSION_BYTES,
            report_bytes: candor_policy::limits::REPORT_BYTES,
            header_time: limits::HEADER_TIME,
            body_time: limits::BODY_TIME,
            reports_burst: limits::REPORTS_BURST,
            reports_per_minute: limits::REPORTS_PER_MINUTE,
            enrolments_burst: limits::ENROLMENTS_BURST,
            enrolments_per_minute: limits::ENROLMENTS_PER_MINUTE,
        }
    }
}

/// Keys that no table has; named all at once.
type Unknown = BTreeMap<String, toml::Value>;

/// The file, as written.
#[derive(Debug, Default, Deserialize)]
pub struct ConfigFile {
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    trusted_proxy: Option<TrustedProxyFile>,
    tls: Option<TlsFiles>,
    caps: Option<CapsFile>,
    #[serde(flatten)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize)]
struct TrustedProxyFile {
    header: String,
    from: Vec<String>,
    #[serde(flatten)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize)]
struct CapsFile {
    submission_bytes: Option<usize>,
    report_bytes: Option<usize>,
    header_seconds: Option<u64>,
    body_seconds: Option<u64>,
    reports_burst: Option<u32>,
    reports_per_minute: Option<u32>,
    enrolments_burst: Option<u32>,
    enrolments_per_minute: Option<u32>,
    #[serde(flatten)]
    unknown: Unknown,
}

/// What the command line says; each goes before the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The address to listen on.
    pub listen: Option<SocketAddr>,
    /// The address that browsers and installations use.
    pub public_url: Option<String>,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, is no TOML, or has keys that mean nothing: all of them are named.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no configuration", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Self = toml::from_str(text)?;
        let unknown = file.unknown_keys();
        if !unknown.is_empty() {
            bail!("these keys mean nothing here: {}", unknown.join(", "));
        }
        Ok(file)
    }

    fn unknown_keys(&self) -> Vec<String> {
        let tables = [
            ("", Some(&self.unknown)),
            ("trusted_proxy.", self.trusted_proxy.as_ref().map(|table| &table.unknown)),
            ("tls.", self.tls.as_ref().map(|table| &table.unknown)),
            ("caps.", self.caps.as_ref().map(|table| &table.unknown)),
        ];
        tables
            .into_iter()
            .filter_map(|(name, unknown)| Some((name, unknown?)))
            .flat_map(|(name, unknown)| unknown.keys().map(move |key| format!("`{name}{key}`")))
            .collect()
    }
}

impl Config {
    /// Puts the command line over the file.
    ///
    /// # Errors
    /// Where an address or URL is none, or a cap is zero.
    pub fn new(file: ConfigFile, overrides: Overrides) -> anyhow::Result<Self> {
        let listen = match overrides.listen.or(file.listen) {
            Some(listen) => listen,
            None => DEFAULT_LISTEN.parse().context("the default address")?,
        };
        let public_url = overrides.public_url.or(file.public_url).map(|url| checked_url(&url)).transpose()?;
        let trusted_proxy = file
            .trusted_proxy
            .map(|proxy| TrustedProxy::new(&proxy.header, &proxy.from))
            .transpose()
            .context("`trusted_proxy`")?;
        Ok(Self {
            listen,
            public_url,
            trusted_proxy,
            tls: file.tls,
            caps: caps(file.caps)?,
            makes_room: true,
        })
    }

    /// Whether browsers reach this collector over HTTPS, here or at a proxy.
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

fn checked_url(url: &str) -> anyhow::Result<String> {
    let url = url.trim_end_matches('/');
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        bail!("`{url}` is no address of a site: it starts with neither https:// nor http://");
    }
    Ok(url.to_owned())
}

fn caps(file: Option<CapsFile>) -> anyhow::Result<Caps> {
    let mut caps = Caps::default();
    let Some(file) = file else { return Ok(caps) };
    set(&mut caps.submission_bytes, file.submission_bytes);
    set(&mut caps.report_bytes, file.report_bytes);
    set(&mut caps.header_time, file.header_seconds.map(Duration::from_secs));
    set(&mut caps.body_time, file.body_seconds.map(Duration::from_secs));
    set(&mut caps.reports_burst, file.reports_burst);
    set(&mut caps.reports_per_minute, file.reports_per_minute);
    set(&mut caps.enrolments_burst, file.enrolments_burst);
    set(&mut caps.enrolments_per_minute, file.enrolments_per_minute);
    let nothing_passes = caps.submission_bytes == 0
        || caps.report_bytes == 0
        || caps.header_time.is_zero()
        || caps.body_time.is_zero()
        || caps.reports_burst == 0
        || caps.reports_per_minute == 0
        || caps.enrolments_burst == 0
        || caps.enrolments_per_minute == 0;
    if nothing_passes {
        bail!("a cap of zero lets nothing through; leave it out for the default");
    }
    if caps.report_bytes > candor_policy::limits::REPORT_BYTES {
        bail!(
            "`caps.report_bytes` may narrow the limit of {} bytes, not widen it",
            candor_policy::limits::REPORT_BYTES
        );
    }
    Ok(caps)
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_mean_nothing_are_all_named() {
        let text =
            "lisen = \"x\"\n[caps]\nreports = 1\n[trusted_proxy]\nheader = \"x\"\nfrom = []\nform = 1\n";
        let message = ConfigFile::parse(text).unwrap_err().to_string();
        for key in ["`lisen`", "`caps.reports`", "`trusted_proxy.form`"] {
            assert!(message.contains(key), "{message}");
        }
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file =
            ConfigFile::parse("listen = \"127.0.0.1:1\"\npublic_url = \"https://a.example/\"\n").unwrap();
        let overrides = Overrides { listen: "127.0.0.1:2".parse().ok(), public_url: None };
        let config = Config::new(file, overrides).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.public_url.as_deref(), Some("https://a.example"));
        assert!(config.is_https());
    }

    #[test]
    fn a_cap_of_zero_is_refused() {
        let file = ConfigFile::parse("[caps]\nreports_burst = 0\n").unwrap();
        assert!(Config::new(file, Overrides::default()).is_err());
    }
}
