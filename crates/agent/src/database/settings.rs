//! What a connection needs to know: where, with which password, and for how long.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::{DatabaseAddress, Password, limits};

/// How the product's database is reached.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where it is.
    pub address: DatabaseAddress,
    /// The login's password. Without one, PostgreSQL's own ways hold: `PGPASSWORD` and the `.pgpass` file.
    pub password: Option<Password>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one query may take.
    pub query_timeout: Duration,
    /// How long connecting and all queries of one call may take together.
    pub total_timeout: Duration,
}

impl DatabaseSettings {
    /// Settings for an address as an administrator writes it, with the usual time limits.
    ///
    /// # Errors
    /// Where the text is not an address, or the password file cannot be read. The message holds neither's content.
    pub fn read(address: impl AsRef<OsStr>, password_file: Option<&Path>) -> anyhow::Result<Self> {
        let (address, in_address) = DatabaseAddress::parse(address.as_ref())?;
        let in_file = password_file.map(Password::read).transpose()?;
        Ok(Self {
            address,
            password: in_file.or(in_address),
            connect_timeout: limits::CONNECT_TIMEOUT,
            query_timeout: limits::QUERY_TIMEOUT,
            total_timeout: limits::SNAPSHOT_TIMEOUT,
        })
    }

    /// How long a query waits for another's lock: less than a query may take, so that the two can be told apart.
    pub(super) fn lock_timeout(&self) -> Duration {
        // To PostgreSQL, zero means for ever.
        limits::LOCK_TIMEOUT.min(self.query_timeout / 2).max(Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_ever_shown() {
        let settings = DatabaseSettings::read("postgres://lucity:hunter2@db/x", None).unwrap();
        assert_eq!(settings.password.as_ref().map(Password::expose), Some("hunter2"));
        assert!(!format!("{settings:?} {}", settings.address).contains("hunter2"));
    }

    #[test]
    fn a_password_file_wins_over_the_address_and_only_its_first_line_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "from file\nsecond line\n").unwrap();
        let settings = DatabaseSettings::read("postgres://u:p@db/x", Some(&file)).unwrap();
        assert_eq!(settings.password, Some(Password::new("from file")));
        let missing =
            DatabaseSettings::read("postgres://u:p@db/x", Some(&folder.path().join("none"))).unwrap_err();
        assert!(format!("{missing:#}").contains("cannot be read"), "{missing:#}");
    }
}
