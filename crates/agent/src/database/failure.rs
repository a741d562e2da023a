//! Why a database did not answer: the reason that a report carries, and a message for the site's own administrator.
//!
//! The reason is one word and goes to the vendor. The message may name the site's files and hosts, so it goes to nobody
//! but the administrator; it never holds a password or a value.

use candor_policy::Reason;
use sqlx::error::ErrorKind;

/// Why a database did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// For the report.
    pub reason: Reason,
    /// For the administrator: what happened, and what to do next.
    pub message: String,
}

impl Failure {
    /// A failure.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }

    /// What an error of the driver means; `what` is what was being done, such as "counting WKORDER".
    pub(super) fn of(error: &sqlx::Error, what: &str) -> Self {
        match error {
            sqlx::Error::Database(answer) => Self::of_answer(answer.as_ref(), what),
            sqlx::Error::Io(error) => {
                let advice = if error.to_string().contains("certificate") {
                    "give the file of the authority to trust: `sslrootcert=FILE` in the address"
                } else {
                    "check the host, the port and whether the database runs"
                };
                Self::new(
                    Reason::Unreachable,
                    format!("{what}: the database cannot be reached ({error}); {advice}"),
                )
            }
            sqlx::Error::Tls(_) => Self::new(
                Reason::Unreachable,
                format!(
                    "{what}: no TLS connection came about; check `sslmode` and `sslrootcert` in the address"
                ),
            ),
            sqlx::Error::Configuration(_) => {
                Self::new(Reason::NotConfigured, format!("{what}: the database address is not understood"))
            }
            sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => {
                Self::new(Reason::Unreachable, format!("{what}: the connection broke off"))
            }
            // The texts of other errors may repeat a value.
            _ => Self::new(Reason::Failed, format!("{what}: the answer is not understood")),
        }
    }

    fn of_answer(answer: &dyn sqlx::error::DatabaseError, what: &str) -> Self {
        let code = answer.code().unwrap_or_default();
        let (reason, meaning) = postgres(&code, answer.message());
        // Some messages of the server quote the value that they speak of; none of these two kinds can come from reading.
        let quotes_values = matches!(answer.kind(), ErrorKind::CheckViolation | ErrorKind::UniqueViolation);
        let said = if reason == Reason::Failed || quotes_values {
            String::new()
        } else {
            format!(": {}", answer.message())
        };
        Self::new(reason, format!("{what}: {meaning} (code {code}{said})"))
    }

    /// What an error of SQLite means; `what` is as above.
    pub(super) fn of_sqlite(error: &rusqlite::Error, what: &str) -> Self {
        let rusqlite::Error::SqliteFailure(code, message) = error else {
            // The texts of other errors may repeat a value.
            return Self::new(Reason::Failed, format!("{what}: the answer is not understood"));
        };
        let code = code.extended_code;
        let (reason, meaning) = sqlite(code);
        let said = match message {
            Some(message) if reason != Reason::Failed => format!(": {message}"),
            Some(_) | None => String::new(),
        };
        Self::new(reason, format!("{what}: {meaning} (code {code}{said})"))
    }

    /// The time for it ran out on this side.
    pub(super) fn timed_out(what: &str, limit: std::time::Duration) -> Self {
        let seconds = limit.as_secs_f32();
        Self::new(
            Reason::TimedOut,
            format!(
                "{what}: no answer within {seconds} s; allow more with --query-timeout, or run it at a quieter hour"
            ),
        )
    }
}

/// SQLite's result codes; the lowest byte is the kind. <https://www.sqlite.org/rescode.html>
fn sqlite(code: i32) -> (Reason, &'static str) {
    // A journal that the product left behind when it was stopped, and that only a writer can play back.
    if code == 776 {
        return (
            Reason::Locked,
            "the product was stopped while it was writing; start it once, and try again",
        );
    }
    match code & 0xff {
        5 | 6 => (Reason::Locked, "another process holds the database; try again when it is done"),
        9 => (Reason::TimedOut, "the time for it ran out; allow more with --query-timeout"),
        3 | 14 | 23 => (Reason::AccessDenied, "the file may not be read; run candor as a user who may"),
        8 => {
            (Reason::AccessDenied, "the file's folder may not be read or the journal beside it not be opened")
        }
        26 => (Reason::Failed, "the file is not a SQLite database; check the path"),
        11 => (Reason::Failed, "the database file is damaged"),
        _ => (Reason::Failed, "the database refuses"),
    }
}

/// PostgreSQL's error codes. <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn postgres(code: &str, message: &str) -> (Reason, &'static str) {
    match code {
        "28P01" | "28000" => (Reason::AccessDenied, "the login is refused; check the user, and the password"),
        "3D000" => (Reason::Unreachable, "the server has no such database; check the address"),
        "42501" if message.contains("row-level security") || message.contains("row security") => (
            Reason::RowSecurity,
            "row security hides rows from this login; let candor in as one that bypasses it",
        ),
        "42501" => (Reason::AccessDenied, "the login may not read it; grant SELECT to it"),
        "22023" | "25001" | "42704" => {
            (Reason::NotConfigured, "the server does not take what `options` in the address asks for")
        }
        "25006" => (Reason::Failed, "reading it would write to the database, so it was not read"),
        "42P01" => (Reason::TableMissing, "the table is not there"),
        "42703" => (Reason::ColumnMissing, "the column is not there"),
        "55P03" => (Reason::Locked, "another session holds a lock on it; try again when it is done"),
        "57014" => (Reason::TimedOut, "the time for it ran out; allow more with --query-timeout"),
        "53300" | "57P03" => (Reason::Unreachable, "the server takes no connection now; try again later"),
        _ if code.starts_with("08") || code.starts_with("57P") => {
            (Reason::Unreachable, "the connection broke off")
        }
        _ => (Reason::Failed, "the database refuses"),
    }
}
