//! Who may know whom.

/// Each crate, and the crates of ours that it may name in what it ships.
pub const CRATES: &[(&str, &[&str])] = &[
    ("candor-policy", &[]),
    ("candor-sdk", &["candor-policy"]),
    ("candor-web", &["candor-policy"]),
    ("candor-agent", &["candor-policy", "candor-sdk", "candor-web"]),
    ("candor-collector", &["candor-policy", "candor-web"]),
    ("candor-fleet", &["candor-policy"]),
    ("candor-bench", &["candor-policy", "candor-sdk", "candor-fleet"]),
    ("candor-testing", &["candor-policy", "candor-sdk", "candor-collector"]),
];

/// A module of the collector, and those that it must not name: `web, endpoints, jobs -> insights -> store`, never back.
pub const COLLECTOR: &[(&str, &[&str])] = &[
    ("store", &["insights", "ingest", "accounts", "web", "endpoints", "jobs", "state", "serve"]),
    ("insights", &["ingest", "accounts", "web", "endpoints", "jobs", "state", "serve"]),
    ("ingest", &["insights", "accounts", "web", "endpoints", "jobs", "state", "serve"]),
    ("accounts", &["insights", "ingest", "web", "endpoints", "jobs", "state", "serve"]),
    ("endpoints", &["insights", "web", "jobs", "serve"]),
    ("web", &["endpoints", "jobs", "serve"]),
    ("jobs", &["web", "endpoints", "serve"]),
];

/// Crates that belong to an engine.
pub const ENGINES: &[&str] = &["duckdb", "rusqlite", "sqlx", "clickhouse", "tokio_postgres"];
