//! A site in a temporary folder, a clock moved by hand, and a small real collector on loopback.

pub mod collector;

use std::path::PathBuf;
use std::sync::Arc;

use candor_policy::voucher::Voucher;
use candor_policy::{Clock, Policy, Scope, Value};
use candor_sdk::{Environment, Error, Prepared, SettingsFile, Site, SiteSettings};

use crate::clock::MockClock;

/// When a test site's clock stands at first.
const NOW: &str = "2026-03-01T12:00:00Z";

/// A policy with two sources, two categories and a metric of each kind that an installer meets.
pub fn manifest(url: &str, public_key: &str) -> String {
    include_str!("policy.toml").replace("COLLECTOR_URL", url).replace("COLLECTOR_KEY", public_key)
}

/// The next version of the same policy: one metric more, one that says more, one that is kept longer.
pub fn wider_manifest(url: &str, public_key: &str) -> String {
    let manifest = manifest(url, public_key)
        .replace("version = \"1.0\"", "version = \"1.1\"")
        .replace("pattern = \"[A-Z]-[0-9]+\"", "pattern = \"[A-Z]-[0-9]+.*\"");
    manifest + include_str!("wider.toml")
}

/// A site with everything that a test may want to change.
pub struct TestSite {
    pub place: tempfile::TempDir,
    pub manifest: String,
    pub clock: Arc<MockClock>,
    pub variables: Vec<(&'static str, String)>,
    pub voucher: Option<Voucher>,
}

impl TestSite {
    pub fn new(url: &str, public_key: &str) -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            manifest: manifest(url, public_key),
            clock: MockClock::at(NOW),
            variables: Vec::new(),
            voucher: None,
        }
    }

    /// A site whose collector is nowhere.
    pub fn alone() -> Self {
        Self::new("http://127.0.0.1:9", &collector::public_key().to_string())
    }

    pub fn state(&self) -> PathBuf {
        self.place.path().join("state")
    }

    pub fn settings_file(&self) -> PathBuf {
        self.place.path().join("settings.toml")
    }

    /// The site as a process that starts now would open it.
    pub fn open(&self) -> Site {
        self.open_with(self.clock.clone())
    }

    pub fn open_with(&self, clock: Arc<dyn Clock>) -> Site {
        Site::open(SiteSettings {
            policy: Policy::read(&self.manifest).unwrap(),
            state_folder: self.state(),
            settings_files: vec![SettingsFile { path: self.settings_file(), is_named: false }],
            environment: Environment::of(self.variables.iter().map(|(name, value)| (*name, value.as_str()))),
            clock,
            voucher: self.voucher.clone(),
        })
    }

    /// An open site whose administrator has agreed to everything.
    pub fn granted(&self) -> Site {
        let site = self.open();
        site.grant(Scope::All, "administrator").unwrap();
        site
    }
}

/// Prepares the report of an installer.
pub fn prepare(site: &Site) -> Result<Prepared, Error> {
    let mut draft = site.draft("installer", "Sample Web", "2.0")?;
    draft.fact("client_code", Value::Text("C-1042".to_owned()));
    draft.fact("cluster", Value::Flag(true));
    site.prepare(draft)
}

/// Prepares the report of a utility: what every report says, and no more.
pub fn prepare_of_utility(site: &Site) -> Result<Prepared, Error> {
    site.prepare(site.draft("utility", "Sample Utility", "2.0")?)
}

/// Prepares it and puts it into the spool.
pub fn submit(site: &Site) -> Prepared {
    let prepared = prepare(site).unwrap();
    site.submit(&prepared).unwrap();
    prepared
}
