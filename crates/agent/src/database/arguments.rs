//! How a caller names the product's database on the command line; `report` and `snapshot` share it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::DatabaseSettings;
use crate::arguments::duration;
use crate::failure::BadInput;

/// Where the product's database is.
#[derive(Clone, Debug, Args)]
pub struct DatabaseArguments {
    /// The product's database: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`. It is only read.
    #[arg(long, env = "CANDOR_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<OsString>,
    /// A file whose first line is the login's password; without it, PGPASSWORD and the .pgpass file hold.
    #[arg(long, env = "CANDOR_DATABASE_PASSWORD_FILE", value_name = "FILE")]
    pub database_password_file: Option<PathBuf>,
    /// Longest that one query may take.
    #[arg(long, env = "CANDOR_QUERY_TIMEOUT", value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub query_timeout: Duration,
}

impl DatabaseArguments {
    /// The settings that they say; `None` where no database is named.
    ///
    /// # Errors
    /// [`BadInput`], which repeats neither address nor password.
    pub fn settings(&self) -> anyhow::Result<Option<DatabaseSettings>> {
        let Some(url) = &self.database else { return Ok(None) };
        if self.query_timeout.is_zero() {
            return Err(BadInput::error("--query-timeout: a query needs some time, such as 10s"));
        }
        let settings = DatabaseSettings::read(url, self.database_password_file.as_deref())
            .map_err(|error| BadInput::error(format!("--database: {error:#}")))?;
        Ok(Some(DatabaseSettings { query_timeout: self.query_timeout, ..settings }))
    }
}
