//! The product's database, read for real: SQLite files, and a PostgreSQL server that the tests start.

mod canaries;
mod check;
mod postgres_server;
mod product;
mod snapshot_postgres;
mod snapshot_sqlite;
