//! The product's database, read for real: SQLite files, and a PostgreSQL server that the tests start.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod canaries;
mod check;
mod command;
mod postgres_server;
mod product;
mod snapshot_postgres;
mod snapshot_sqlite;
