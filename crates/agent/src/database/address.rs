//! Where a database is: `sqlite:PATH` or `postgres://user@host/database`. A password inside of an address is taken out of
//! it at once, so that the address can be shown.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use super::password::Password;

/// Where a database is; never holds a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server's database, as a URL without its password.
    Postgres(String),
}

/// The text is not the address of a database that this agent can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// No scheme, or one of another product.
    #[error("the database address has to start with `sqlite:` and a file's path, or with `postgres://`")]
    UnknownScheme,
    /// `sqlite:` and nothing after it.
    #[error("`sqlite:` needs a file's path after it, such as `sqlite:/var/lib/product/data.db`")]
    NoFile,
    /// `postgres://` and something that is not a URL.
    #[error(
        "the PostgreSQL address is not a valid URL; write `postgres://user@host:5432/database`, and each of `%/?#[]` in a \
         user's name or a password as its code (`/` is %2F, `%` is %25), or pass --database-password-file"
    )]
    NoUrl,
    /// A parameter that PostgreSQL's own programs know and candor does not.
    #[error("the PostgreSQL address has the parameter `{0}`, which candor does not support; leave it out")]
    Unsupported(&'static str),
    /// A parameter that nobody knows; `psql` refuses it too.
    #[error("the PostgreSQL address has an unknown parameter; check the spelling of what follows `?`")]
    UnknownParameter,
}

/// Parameters that are used (<https://www.postgresql.org/docs/current/libpq-connect.html>). `options[name]=value` is the driver's own.
const USED: [&str; 11] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "options",
    "application_name",
];
/// Parameters without effect on what is read and how safely: candor has time limits and an encoding of its own.
const PASSED_OVER: [&str; 8] = [
    "connect_timeout",
    "client_encoding",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
];
/// Parameters that would change which server is read, or how safely, if they were understood.
const UNSUPPORTED: [&str; 20] = [
    "service",
    "passfile",
    "target_session_attrs",
    "load_balance_hosts",
    "channel_binding",
    "require_auth",
    "requiressl",
    "requirepeer",
    "sslcrl",
    "sslcrldir",
    "sslpassword",
    "sslcertmode",
    "sslsni",
    "sslnegotiation",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "gssencmode",
    "krbsrvname",
    "gsslib",
    "replication",
];

impl DatabaseAddress {
    /// Reads an address; the second half is the password that stood in it.
    ///
    /// # Errors
    /// [`AddressFault`], which never repeats the address.
    pub fn parse(text: &OsStr) -> Result<(Self, Option<Password>), AddressFault> {
        if let Some(path) = sqlite_path(text) {
            return if path.as_os_str().is_empty() {
                Err(AddressFault::NoFile)
            } else {
                Ok((Self::Sqlite(path), None))
            };
        }
        let text = text.to_str().ok_or(AddressFault::NoUrl)?;
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let (rest, password) = without_password(rest.ok_or(AddressFault::UnknownScheme)?)?;
        Ok((Self::Postgres(format!("postgres://{rest}")), password))
    }
}

/// What follows `sqlite:`; a path is any bytes. `sqlite:///var/x` is how others write `sqlite:/var/x`.
#[cfg(unix)]
fn sqlite_path(text: &OsStr) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = text.as_bytes().strip_prefix(b"sqlite:")?;
    Some(OsStr::from_bytes(path.strip_prefix(b"//").unwrap_or(path)).into())
}

#[cfg(not(unix))]
fn sqlite_path(text: &OsStr) -> Option<PathBuf> {
    let path = text.to_str()?.strip_prefix("sqlite:")?;
    Some(path.strip_prefix("//").unwrap_or(path).into())
}

/// Takes `user:PASSWORD@` and `?password=` out of what follows the scheme.
fn without_password(rest: &str) -> Result<(String, Option<Password>), AddressFault> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    // A password with a slash in it would be taken for a port and a path, and a part of it be shown.
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    if path.contains('@') || tail.contains('#') {
        return Err(AddressFault::NoUrl);
    }
    let (login, host) =
        authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
    let (user, mut password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
        Some((user, password)) => (format!("{user}@"), (!password.is_empty()).then_some(password)),
        None => (String::new(), None),
    };
    if !host.split(',').all(has_numeric_port) {
        return Err(AddressFault::NoUrl);
    }
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.strip_prefix("password=") {
            Some(given) => password = Some(given),
            None if is_used(pair)? => kept.push(pair),
            None => {}
        }
    }
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    percent_decoded(&user)?;
    let password = password.map(percent_decoded).transpose()?.map(Password::new);
    Ok((format!("{user}{host}{path}{query}"), password))
}

/// Whether a host has a port behind it that is one, or none; the colons of `[::1]` are its own.
fn has_numeric_port(host: &str) -> bool {
    let behind = host.rsplit_once(']').map_or(host, |(_, behind)| behind);
    behind.split_once(':').is_none_or(|(_, port)| port.is_empty() || port.parse::<u16>().is_ok())
}

/// Whether a parameter is for the driver. Where it is none, the text may be a part of a password: it is not repeated.
fn is_used(pair: &str) -> Result<bool, AddressFault> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    if USED.contains(&name) || name.starts_with("options[") && name.ends_with(']') {
        percent_decoded(value)?;
        return Ok(true);
    }
    if let Some(known) = UNSUPPORTED.iter().find(|known| **known == name) {
        return Err(AddressFault::Unsupported(known));
    }
    if PASSED_OVER.contains(&name) {
        return Ok(false);
    }
    Err(if pair.contains('@') { AddressFault::NoUrl } else { AddressFault::UnknownParameter })
}

fn percent_decoded(text: &str) -> Result<String, AddressFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next().ok_or(AddressFault::NoUrl)?, rest.next().ok_or(AddressFault::NoUrl)?];
        let digits = std::str::from_utf8(&digits).map_err(|_| AddressFault::NoUrl)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| AddressFault::NoUrl)?);
    }
    String::from_utf8(bytes).map_err(|_| AddressFault::NoUrl)
}

impl fmt::Display for DatabaseAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => out.write_str(url),
        }
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Option<String>) {
        let (address, password) = DatabaseAddress::parse(text.as_ref()).unwrap();
        (address.to_string(), password.map(|password| password.expose().to_owned()))
    }

    #[test]
    fn a_password_is_taken_out_of_an_address() {
        for (text, address, password) in [
            ("postgres://lucity:s%40cret@db/x", "postgres://lucity@db/x", Some("s@cret")),
            (
                "postgresql://lucity@db:5433/x?sslmode=require",
                "postgres://lucity@db:5433/x?sslmode=require",
                None,
            ),
            ("postgres://db/x?password=pw&sslmode=require", "postgres://db/x?sslmode=require", Some("pw")),
            ("postgres:///x?host=/run/postgresql", "postgres:///x?host=/run/postgresql", None),
            ("postgres://u:p@ss@db/x", "postgres://u@db/x", Some("p@ss")),
            ("sqlite:/var/lib/x.db", "sqlite:/var/lib/x.db", None),
            ("sqlite:///var/lib/a?b.db", "sqlite:/var/lib/a?b.db", None),
            ("postgres://u:50%25off@db/x", "postgres://u@db/x", Some("50%off")),
            ("postgres://u:a%2Fb@[::1]:9190/x", "postgres://u@[::1]:9190/x", Some("a/b")),
            ("postgres://u:p@h1,[::1]:5433,h3/x", "postgres://u@h1,[::1]:5433,h3/x", Some("p")),
            ("postgres://db/x?user=a@b&connect_timeout=5", "postgres://db/x?user=a@b", None),
        ] {
            assert_eq!(read(text), (address.to_owned(), password.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn another_product_is_refused_without_repeating_the_address() {
        let fault = DatabaseAddress::parse("mysql://u:hunter2@h/x".as_ref()).unwrap_err();
        assert_eq!(fault, AddressFault::UnknownScheme);
        assert!(!fault.to_string().contains("hunter2"));
        assert_eq!(DatabaseAddress::parse("sqlite:".as_ref()).unwrap_err(), AddressFault::NoFile);
    }

    /// Guards against a part of a password that is shown, or looked up in the DNS.
    #[test]
    fn a_password_that_is_not_encoded_is_refused_with_what_to_do() {
        for text in [
            "postgres://slash:1234/abc@127.0.0.1:9190/shop",
            "postgres://odd:p@ss:w/rd?#@127.0.0.1/shop",
            "postgres://u:50%off@db/x",
            "postgres://u:a#b@db/x",
            "postgres://u%zz@db/x",
            "postgres://u:1234?b@db/x",
            "postgres://u:1234?user=b@db/x#",
            "postgres://u:12/34?b=c@db/x",
            "postgres://u:pw:12/34",
        ] {
            let fault = DatabaseAddress::parse(text.as_ref()).unwrap_err();
            assert_eq!(fault, AddressFault::NoUrl, "{text}");
            assert!(fault.to_string().contains("--database-password-file"));
        }
    }

    /// Guards against a guarantee that somebody asked for and that is passed over in silence.
    #[test]
    fn a_parameter_that_is_not_understood_is_refused() {
        for (query, fault) in [
            ("sslmod=require", AddressFault::UnknownParameter),
            ("SSLMODE=require", AddressFault::UnknownParameter),
            ("channel_binding=require", AddressFault::Unsupported("channel_binding")),
            ("target_session_attrs=read-only", AddressFault::Unsupported("target_session_attrs")),
        ] {
            let address = format!("postgres://u@db/x?{query}");
            assert_eq!(DatabaseAddress::parse(address.as_ref()).unwrap_err(), fault, "{query}");
        }
    }
}
