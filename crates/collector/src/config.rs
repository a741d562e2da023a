//! How a collector is started: what stands in the optional file, and what the command line says over it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::Uri;
use serde::de::DeserializeOwned;

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
}

/// Files in PEM form.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
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

/// The file, as written, and all that cannot be understood of it.
#[derive(Debug, Default)]
pub struct ConfigFile {
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    trusted_proxy: Option<TrustedProxyFile>,
    tls: Option<TlsFiles>,
    caps: Option<CapsFile>,
    faults: Vec<String>,
}

#[derive(Debug)]
struct TrustedProxyFile {
    header: String,
    from: Vec<String>,
}

#[derive(Debug)]
struct CapsFile {
    submission_bytes: Option<usize>,
    report_bytes: Option<usize>,
    header_seconds: Option<u64>,
    body_seconds: Option<u64>,
    reports_burst: Option<u32>,
    reports_per_minute: Option<u32>,
    enrolments_burst: Option<u32>,
    enrolments_per_minute: Option<u32>,
}

/// A table that is read key by key; what is left at the end means nothing.
struct Reader<'f> {
    prefix: &'static str,
    table: toml::Table,
    faults: &'f mut Vec<String>,
}

impl Reader<'_> {
    fn take<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let read = self.table.remove(key)?.try_into();
        read.map_err(|error: toml::de::Error| {
            self.faults.push(format!("`{}{key}`: {}", self.prefix, error.message()))
        })
        .ok()
    }

    fn need<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.faults.push(format!("`{}{key}` is missing", self.prefix));
        }
        self.take(key)
    }

    /// Reads a table within this one.
    fn table<T>(
        &mut self,
        key: &str,
        prefix: &'static str,
        read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let table = self.take(key)?;
        let mut reader = Reader { prefix, table, faults: self.faults };
        let found = read(&mut reader);
        reader.finish();
        found
    }

    fn finish(self) {
        let unknown = self.table.keys().map(|key| format!("`{}{key}` means nothing here", self.prefix));
        self.faults.extend(unknown);
    }
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
    /// Where it cannot be read, or is no TOML. What else is wrong with it [`Config::new`] says, all at once.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no configuration", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut faults = Vec::new();
        let mut file = Reader { prefix: "", table: text.parse()?, faults: &mut faults };
        let found = Self {
            listen: file.take("listen"),
            public_url: file.take("public_url"),
            trusted_proxy: file.table("trusted_proxy", "trusted_proxy.", TrustedProxyFile::read),
            tls: file.table("tls", "tls.", TlsFiles::read),
            caps: file.table("caps", "caps.", CapsFile::read),
            faults: Vec::new(),
        };
        file.finish();
        Ok(Self { faults, ..found })
    }
}

impl TrustedProxyFile {
    fn read(table: &mut Reader<'_>) -> Option<Self> {
        let (header, from) = (table.need("header"), table.need("from"));
        Some(Self { header: header?, from: from? })
    }
}

impl TlsFiles {
    fn read(table: &mut Reader<'_>) -> Option<Self> {
        let (certificate, key) = (table.need("certificate"), table.need("key"));
        Some(Self { certificate: certificate?, key: key? })
    }
}

impl CapsFile {
    #[expect(clippy::unnecessary_wraps, reason = "as every table is read")]
    fn read(table: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            submission_bytes: table.take("submission_bytes"),
            report_bytes: table.take("report_bytes"),
            header_seconds: table.take("header_seconds"),
            body_seconds: table.take("body_seconds"),
            reports_burst: table.take("reports_burst"),
            reports_per_minute: table.take("reports_per_minute"),
            enrolments_burst: table.take("enrolments_burst"),
            enrolments_per_minute: table.take("enrolments_per_minute"),
        })
    }
}

impl Config {
    /// Puts the command line over the file.
    ///
    /// # Errors
    /// Where the file has faults, an address or URL is none, or a cap is zero: all of it is named at once.
    pub fn new(file: ConfigFile, overrides: Overrides) -> anyhow::Result<Self> {
        let mut faults = file.faults;
        let mut checked = |fault: anyhow::Error| faults.push(format!("{fault:#}"));
        let listen = match overrides.listen.or(file.listen) {
            Some(listen) => listen,
            None => DEFAULT_LISTEN.parse().context("the default address")?,
        };
        let public_url = overrides
            .public_url
            .or(file.public_url)
            .and_then(|url| checked_url(&url).context("`public_url`").map_err(&mut checked).ok());
        let trusted_proxy = file.trusted_proxy.and_then(|proxy| {
            let proxy = TrustedProxy::new(&proxy.header, &proxy.from).context("`trusted_proxy`");
            proxy.map_err(&mut checked).ok()
        });
        let caps = caps(file.caps).map_err(&mut checked).unwrap_or_default();
        if !faults.is_empty() {
            bail!("the configuration cannot be used:\n{}", faults.join("\n"));
        }
        Ok(Self { listen, public_url, trusted_proxy, tls: file.tls, caps })
    }

    /// Whether browsers reach this collector over HTTPS, here or at a proxy.
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// The address of a site, without a closing slash.
///
/// # Errors
/// Where it is none, such as `collector.vendor.example`, which has no https:// before it.
pub fn checked_url(url: &str) -> anyhow::Result<String> {
    let trimmed = url.trim_end_matches('/');
    let is_site = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
    };
    if !trimmed.parse().is_ok_and(|uri| is_site(&uri)) {
        bail!("`{url}` is no address of a site, such as https://collector.vendor.example");
    }
    Ok(trimmed.to_owned())
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
        let message = faults_of(text);
        for key in ["`lisen`", "`caps.reports`", "`trusted_proxy.form`"] {
            assert!(message.contains(key), "{message}");
        }
    }

    fn faults_of(text: &str) -> String {
        Config::new(ConfigFile::parse(text).unwrap(), Overrides::default()).unwrap_err().to_string()
    }

    #[test]
    fn all_faults_are_named_together() {
        let text = "listen = \"here\"\npublic_url = \"collector.vendor.example\"\nlisten_on = 1\n\
                    [trusted_proxy]\nheader = \"X-Forwarded-For\"\nfrom = [\"everywhere\"]\n\
                    [tls]\nkey = \"key.pem\"\n[caps]\nreports_burst = \"many\"\nbody_seconds = 0\n";
        let message = faults_of(text);
        let wanted = [
            "`listen`: ",
            "`public_url`: `collector.vendor.example` is no address",
            "`listen_on` means nothing here",
            "`trusted_proxy`: `everywhere` is no network",
            "`tls.certificate` is missing",
            "`caps.reports_burst`: ",
            "a cap of zero",
        ];
        for wanted in wanted {
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
    }

    #[test]
    fn an_address_of_a_site_has_a_scheme_and_a_host() {
        assert_eq!(checked_url("https://a.example:8443/").unwrap(), "https://a.example:8443");
        for bad in ["foo", "https://", "ftp://a.example", "https://a b.example", "http://?x", ""] {
            assert!(checked_url(bad).is_err(), "{bad}");
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
