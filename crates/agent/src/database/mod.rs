//! Read-only, time-limited connections to the product's database.
//!
//! It owns how a database is reached ([`DatabaseSettings`]), what can be asked of one ([`Connection`]), and why an answer
//! failed to come ([`Failure`]). It refuses to write, to wait longer than it was told, to run SQL that a policy brought
//! along (names are looked up in the catalogue and quoted), and to say a password anywhere.

mod address;
mod arguments;
mod connection;
mod facts;
mod failure;
mod gathered;
pub mod limits;
mod password;
mod postgres;
mod postgres_address;
mod postgres_files;
mod product;
mod read;
mod runtime;
mod settings;
mod sqlite;
mod table;

pub use address::{AddressFault, DatabaseAddress};
pub use arguments::DatabaseArguments;
pub use connection::Connection;
pub use facts::facts;
pub(crate) use facts::{answer, is_database_fact};
pub use failure::Failure;
pub use gathered::{Gathered, Note};
pub use password::Password;
pub use product::DatabaseFacts;
pub use read::{DeviceCount, SettingRow};
pub use runtime::run;
pub use settings::DatabaseSettings;
pub use table::{Column, Kind, Table, TableKind, is_folded, named, reported};
