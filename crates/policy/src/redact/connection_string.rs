//! Connection strings: `Server=..;Database=..`, libpq's `host=.. dbname=..`, TNS descriptors, and URLs that carry a login.

use super::harmless;
use super::hints::{CONNECTION, DATABASE};
use super::scan::{Sight, mark, starts_with};

/// Names before an equals sign that only a connection string uses, spaces and underscores left out.
const NAMES: [&str; 33] = [
    "server",
    "datasource",
    "database",
    "initialcatalog",
    "userid",
    "uid",
    "pwd",
    "password",
    "host",
    "hostname",
    "dbname",
    "dsn",
    "driver",
    "provider",
    "integratedsecurity",
    "trustedconnection",
    "accountkey",
    "accountname",
    "sharedaccesskey",
    "sharedaccesskeyname",
    "endpoint",
    "servicename",
    "sid",
    "address",
    "addr",
    "networkaddress",
    "failoverpartner",
    "attachdbfilename",
    "dbq",
    "user",
    "username",
    "hostaddr",
    "filedsn",
];

/// Schemes of databases and queues.
const SCHEMES: [&str; 12] = [
    "jdbc:",
    "odbc:",
    "postgres:",
    "postgresql:",
    "mysql:",
    "mariadb:",
    "sqlserver:",
    "mssql:",
    "mongodb:",
    "redis:",
    "amqp:",
    "sqlite:",
];

/// Whether the value holds a connection string.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    let names_database = sight.hints.promise(DATABASE) && !harmless::is_known(sight.value);
    if (sight.hints.promise(CONNECTION) || names_database) && sight.could_be_a_name() {
        return true;
    }
    (sight.has(mark::EQUALS) && names_a_part(sight.value))
        || (sight.has(mark::COLON)
            && (SCHEMES.iter().any(|scheme| starts_with(sight.value, scheme)) || carries_login(sight.value)))
}

/// Whether one of the names stands before an equals sign, and something after it.
fn names_a_part(text: &str) -> bool {
    text.match_indices('=').any(|(place, _)| {
        let after = text[place + 1..].trim_start();
        !after.is_empty() && !after.starts_with([';', '=']) && is_part_name(&text.as_bytes()[..place])
    })
}

/// Whether the bytes end with one of the names, as a whole word; letters in either case, spaces and underscores inside
/// left out.
fn is_part_name(before: &[u8]) -> bool {
    let is_gap = |byte: &u8| b" _\t".contains(byte);
    let mut letters = [0; LONGEST_NAME];
    let mut count = 0;
    // What stands before `count` letters, read from the end: a letter right before them makes another word of them.
    let mut joined = false;
    for byte in before.iter().rev().skip_while(|byte| is_gap(byte)) {
        if byte.is_ascii_alphabetic() {
            if !joined && is_name(&letters[LONGEST_NAME - count..]) {
                return true;
            }
            if count == LONGEST_NAME {
                return false;
            }
            count += 1;
            letters[LONGEST_NAME - count] = byte.to_ascii_lowercase();
            joined = true;
        } else if is_gap(byte) {
            joined = false;
        } else {
            break;
        }
    }
    is_name(&letters[LONGEST_NAME - count..])
}

/// Letters of the longest name.
const LONGEST_NAME: usize = 19;

fn is_name(letters: &[u8]) -> bool {
    NAMES.iter().any(|name| name.as_bytes() == letters)
}

/// `scheme://user:password@host`.
fn carries_login(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#', ' ']).next().unwrap_or_default();
        authority.split_once('@').is_some_and(|(login, _)| login.contains(':'))
    })
}
