//! What the driver takes from elsewhere than the address, looked at beforehand: it passes over some of it in silence, or does not
//! say which file it could not read.

use std::fs;
use std::path::{Path, PathBuf};

use candor_policy::Reason;

use super::Failure;

/// The words of `sslmode` (<https://www.postgresql.org/docs/current/libpq-ssl.html>).
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/// The parameters of an address that name files.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];

/// Looks at `PGSSLMODE` and at the files that the address names.
pub(super) fn check(url: &str) -> Result<(), Failure> {
    if let Ok(mode) = std::env::var("PGSSLMODE") {
        check_mode("PGSSLMODE", &mode)?;
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if name == "sslmode" {
            check_mode("`sslmode` in the address", value)?;
        }
        if FILES.contains(&name) && value != "system" {
            regular_file(Path::new(value))
                .map_err(|why| unusable(&format!("`{name}` in the address: {why}")))?;
        }
    }
    if let Some(file) = password_file().filter(|file| file.exists()) {
        regular_file(&file).map_err(|why| unusable(&format!("the password file: {why}")))?;
    }
    Ok(())
}

fn check_mode(place: &str, mode: &str) -> Result<(), Failure> {
    if mode.is_empty() || SSL_MODES.contains(&mode) {
        return Ok(());
    }
    Err(unusable(&format!("{place} is none of {}", SSL_MODES.join(", "))))
}

fn unusable(what: &str) -> Failure {
    Failure::new(Reason::NotConfigured, what.to_owned())
}

fn regular_file(path: &Path) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(format!("{} is not a regular file", path.display())),
        Err(error) => Err(format!("{} cannot be read ({error})", path.display())),
    }
}

fn password_file() -> Option<PathBuf> {
    let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pgpass")))
}

/// What to add to a login that was refused: a password file that others can read is passed over.
pub(super) fn passed_over() -> Option<String> {
    let file = password_file()?;
    is_open_to_others(&file)
        .then(|| format!("; {} was passed over, since others can read it: `chmod 600` it", file.display()))
}

#[cfg(unix)]
fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_file: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_is_named() {
        let fault = check("postgres://u@db/x?sslmode=verify-full&sslrootcert=/nowhere/ca.pem").unwrap_err();
        assert!(fault.message.contains("/nowhere/ca.pem"), "{fault}");
        check_mode("PGSSLMODE", "verify-full").unwrap();
        assert!(check_mode("PGSSLMODE", "bogus").unwrap_err().message.contains("PGSSLMODE"));
        assert!(check("postgres://u@db/x?sslmode=bogus").unwrap_err().message.contains("sslmode"));
    }
}
