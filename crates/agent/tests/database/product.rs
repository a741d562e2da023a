//! The sample product and policies over it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use candor_agent::database::{DatabaseSettings, Gathered};
use candor_agent::snapshot::{Request, SiteKey, gather};
use candor_policy::{NotMeasured, Policy, Reason, SourceId, Value};
use rusqlite::Connection;

/// The process that takes snapshots in the Lucity policy.
pub const BATCH: &str = "monthly-batch";

/// A file of the repository's examples.
pub fn example(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The Lucity policy.
pub fn lucity() -> Policy {
    read(&example("policies/lucity-data-collection.toml"))
}

/// A policy in whose manifest something was replaced.
pub fn lucity_but(from: &str, to: &str) -> Policy {
    let manifest = example("policies/lucity-data-collection.toml");
    assert!(manifest.contains(from), "the policy has no {from}");
    read(&manifest.replace(from, to))
}

/// A policy that names these tables of options beside those that its pattern finds.
pub fn lucity_naming(tables: &str) -> Policy {
    lucity_but("tables = [\"*OPTIONS\"]", &format!("tables = [\"*OPTIONS\", {tables}]"))
}

fn read(manifest: &str) -> Policy {
    Policy::read(manifest).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Takes a snapshot as the batch service of a release would.
pub fn snapshot(policy: &Policy, version: &str, settings: &DatabaseSettings) -> Gathered {
    snapshot_while(policy, version, settings, &|| true)
}

/// The same, for as long as it is allowed.
pub fn snapshot_while(
    policy: &Policy,
    version: &str,
    settings: &DatabaseSettings,
    allowed: &dyn Fn() -> bool,
) -> Gathered {
    let source = SourceId::parse(BATCH).unwrap();
    let site_key = SiteKey::new([7; 32]);
    let request = Request { policy, source: &source, version, site_key: &site_key, allowed };
    gather(&request, settings, &mut |_| {})
}

/// Settings for an address, with time limits for tests.
pub fn settings(url: &str) -> DatabaseSettings {
    let settings = DatabaseSettings::read(url, None).unwrap();
    DatabaseSettings { query_timeout: Duration::from_secs(5), ..settings }
}

/// The sample product's SQLite file, in a folder that is gone when this is.
pub struct SqliteProduct {
    /// The folder.
    pub folder: tempfile::TempDir,
    /// The file.
    pub path: PathBuf,
}

impl SqliteProduct {
    /// A product of its own for each test.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("product.sqlite");
        let product = Self { folder, path };
        product.execute(&example("sample-product/schema.sqlite.sql"));
        product.execute(&format!("BEGIN; {} COMMIT;", example("sample-product/data.sql")));
        product
    }

    /// Runs SQL as the product itself would.
    pub fn execute(&self, sql: &str) {
        self.open().execute_batch(sql).unwrap();
    }

    /// A connection as the product itself has one.
    pub fn open(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    /// How a snapshot reaches it.
    pub fn settings(&self) -> DatabaseSettings {
        settings(&format!("sqlite:{}", self.path.display()))
    }
}

/// Runs a future of a test.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    candor_agent::database::run(future).unwrap()
}

/// What was not measured, as metric, key and reason.
pub fn not_measured(gathered: &Gathered) -> Vec<(String, Option<String>, Reason)> {
    gathered
        .not_measured
        .iter()
        .map(|NotMeasured { metric, key, reason }| (metric.to_string(), key.clone(), *reason))
        .collect()
}

/// The entries of a keyed fact.
pub fn entries<'a>(
    gathered: &'a Gathered,
    metric: &str,
) -> &'a std::collections::BTreeMap<String, candor_policy::Entry> {
    match gathered.facts.get(metric) {
        Some(Value::Keyed(entries)) => entries,
        other => panic!("{metric}: {other:?}"),
    }
}
