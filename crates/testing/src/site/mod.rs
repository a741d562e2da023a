//! A site in a temporary folder, a clock moved by hand, and a small real collector on loopback.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod collector;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use candor_policy::{Clock, Policy, Scope, Value};
use candor_sdk::{Environment, Error, Prepared, Site, SiteSettings};
use jiff::Timestamp;

/// A clock that stands still until it is moved.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn new() -> Arc<Self> {
        let start: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        Arc::new(Self(AtomicI64::new(start.as_second())))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A policy with two sources, two categories and a metric of each kind that an installer meets.
pub fn manifest(url: &str, public_key: &str) -> String {
    MANIFEST.replace("COLLECTOR_URL", url).replace("COLLECTOR_KEY", public_key)
}

/// The next version of the same policy: one metric more, one that says more, one that is kept longer.
pub fn wider_manifest(url: &str, public_key: &str) -> String {
    let manifest = manifest(url, public_key)
        .replace("version = \"1.0\"", "version = \"1.1\"")
        .replace("pattern = \"[A-Z]-[0-9]+\"", "pattern = \"[A-Z]-[0-9]+.*\"");
    format!("{manifest}{MORE}")
}

const MANIFEST: &str = r#"
[policy]
id = "sample"
version = "1.0"
title = "Sample programme"
publisher = "Sample"
summary = "What a sample product says of itself."
contact = "privacy@sample.example"
effective = 2026-01-01
consent = "opt-out"
readers = ["The sample team"]
opt_out = ["Clear the box in the installer"]
releases = ["1.0", "2.0"]

[collector]
url = "COLLECTOR_URL"
public_key = "COLLECTOR_KEY"

[purposes.platforms]
title = "Platforms"
description = "Decide which platforms to support."

[categories.environment]
title = "Environment"
description = "Versions."

[categories.licence]
title = "Licence"
description = "Who the customer is."

[sources.installer]
kind = "installer"
title = "Installer"
applications = ["Sample Web"]
schedule = "right before it exits"

[sources.utility]
kind = "utility"
title = "Utility"
applications = ["Sample Utility"]
schedule = "right before it exits"

[metrics.application]
title = "Application"
description = "Its name."
type = "text"
from = "application.name"
category = "environment"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "technical"
sources = ["installer", "utility"]
retention_months = 24

[metrics.application_version]
title = "Application version"
description = "Its version."
type = "version"
from = "application.version"
category = "environment"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "technical"
sources = ["installer", "utility"]
retention_months = 24

[metrics.os_version]
title = "Operating system"
description = "Its name and version."
type = "version"
from = "os.version"
category = "environment"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "technical"
sources = ["installer"]
retention_months = 24

[metrics.cluster]
title = "Cluster"
description = "Whether it runs in a cluster."
type = "flag"
from = "given"
category = "environment"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "technical"
sources = ["installer"]
retention_months = 24
since = "2.0"

[metrics.client_code]
title = "Client code"
description = "The licence's code of the client."
type = "text"
pattern = "[A-Z]-[0-9]+"
max_length = 16
from = "given"
category = "licence"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "identifying"
sources = ["installer"]
retention_months = 24
"#;

const MORE: &str = r#"
[metrics.nodes]
title = "Nodes"
description = "How many nodes a cluster has."
type = "number"
min = 0
max = 1000
unit = "nodes"
from = "given"
category = "environment"
purposes = ["platforms"]
owner = "Platform team"
sensitivity = "technical"
sources = ["installer"]
retention_months = 24
"#;

/// A site with everything that a test may want to change.
pub struct TestSite {
    pub place: tempfile::TempDir,
    pub manifest: String,
    pub clock: Arc<TestClock>,
    pub variables: Vec<(&'static str, String)>,
}

impl TestSite {
    pub fn new(url: &str, public_key: &str) -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            manifest: manifest(url, public_key),
            clock: TestClock::new(),
            variables: Vec::new(),
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
            settings_files: vec![self.settings_file()],
            environment: Environment::of(self.variables.iter().map(|(name, value)| (*name, value.as_str()))),
            clock,
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
