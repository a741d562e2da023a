//! PostgreSQL: a session in which nothing can be written, and in which the server itself ends what takes too long.
//!
//! Every statement is a read-only transaction of its own: a long one would keep old row versions and locks alive that the
//! product may be waiting for. Where the server stalls so that its own limits do not hold, the connection is dropped: its
//! answer would otherwise be taken for the next question's.

use std::str::FromStr;
use std::time::Duration;

use candor_policy::Reason;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Postgres as Driver, Row, ValueRef};

use super::table::{Column, Kind, Table, Texts, quoted};
use super::{DatabaseFacts, DatabaseSettings, Failure, limits};

/// A connection to a PostgreSQL server.
pub struct Postgres {
    options: PgConnectOptions,
    connect_timeout: Duration,
    query_timeout: Duration,
    state: State,
}

enum State {
    Open(PgConnection),
    /// Dropped after an answer did not come; the next question opens it again.
    Dropped,
    /// It did not open again: nobody waits for it a second time.
    Lost(Failure),
}

impl Postgres {
    pub(super) async fn open(url: &str, settings: &DatabaseSettings) -> Result<Self, Failure> {
        let options = options(url, settings)?;
        let connection = connect(&options, settings.connect_timeout).await?;
        Ok(Self {
            options,
            connect_timeout: settings.connect_timeout,
            query_timeout: settings.query_timeout,
            state: State::Open(connection),
        })
    }

    /// `version()` begins with the product's name ("PostgreSQL 15.18 on …", "EnterpriseDB 15.4 …"). No function tells an
    /// edition, and the community's server has one alone.
    pub(super) async fn facts(&mut self) -> Result<DatabaseFacts, Failure> {
        let sql = "SELECT version(), current_setting('server_version')";
        let rows = self.rows("asking for the version", sql.to_owned(), None).await?;
        let mut cells = rows.into_iter().next().unwrap_or_default().into_iter().flatten();
        let (said, version) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let is_name =
            |word: &&str| !word.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
        Ok(DatabaseFacts {
            product: said.split_whitespace().take_while(is_name).collect::<Vec<_>>().join(" "),
            version: version.split_whitespace().next().unwrap_or_default().to_owned(),
            edition: DatabaseFacts::SINGLE_EDITION.to_owned(),
        })
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, Failure> {
        // What is visible is what the search path finds first; `options[search_path]` in the address moves it.
        let sql = "SELECT CAST(c.oid AS text), CAST(n.nspname AS text), CAST(c.relname AS text) \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid) \
             AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY c.relname";
        let rows = self.rows("listing the tables", sql.to_owned(), None).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let [id, schema, name] = <[Option<String>; 3]>::try_from(row).ok()?;
                let name = name?;
                Some(Table { sql: format!("{}.{}", quoted(&schema?), quoted(&name)), id: id?, name })
            })
            .collect())
    }

    pub(super) async fn columns(&mut self, table: &Table) -> Result<Vec<Column>, Failure> {
        let what = format!("listing the columns of {}", table.name);
        let sql = "SELECT CAST(a.attname AS text), CAST(t.typcategory AS text), CAST(t.typname AS text) \
             FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
             WHERE a.attrelid = CAST($1 AS oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
        let rows = self.rows(&what, sql.to_owned(), Some(table.id.clone())).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let [name, category, kind] = <[Option<String>; 3]>::try_from(row).ok()?;
                Some(Column { name: name?, kind: kind_of(&category?, &kind?) })
            })
            .collect())
    }

    pub(super) async fn rows(
        &mut self,
        what: &str,
        sql: String,
        values: Option<String>,
    ) -> Result<Vec<Texts>, Failure> {
        let mut connection = self.ready(what).await?;
        // Every name in the statement was found in the catalogue and is quoted; values are bound.
        let query = sqlx::query::<Driver>(AssertSqlSafe(sql)).persistent(false);
        let query = match values {
            Some(values) => query.bind(values),
            None => query,
        };
        let patience = self.query_timeout + limits::GRACE;
        match tokio::time::timeout(patience, query.fetch_all(&mut connection)).await {
            Ok(answer) => {
                let rows = answer.and_then(|rows| rows.iter().map(texts).collect::<Result<_, _>>());
                let rows = rows.map_err(|error| Failure::of(&error, what));
                // A server that shuts down says so, and then says nothing more.
                let broke_off = rows.as_ref().is_err_and(|failure| failure.reason == Reason::Unreachable);
                self.state = if broke_off { State::Dropped } else { State::Open(connection) };
                rows
            }
            Err(_) => Err(Failure::timed_out(what, patience)),
        }
    }

    /// The connection, taken out; who does not put it back has dropped it.
    async fn ready(&mut self, what: &str) -> Result<PgConnection, Failure> {
        match std::mem::replace(&mut self.state, State::Dropped) {
            State::Open(connection) => Ok(connection),
            State::Dropped => {
                let connected = connect(&self.options, self.connect_timeout).await;
                connected.inspect_err(|failure| self.state = State::Lost(failure.clone()))
            }
            State::Lost(failure) => {
                self.state = State::Lost(failure.clone());
                Err(Failure::new(failure.reason, format!("{what}: the connection was lost before")))
            }
        }
    }
}

fn options(url: &str, settings: &DatabaseSettings) -> Result<PgConnectOptions, Failure> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Failure::of(&error, "reading the database address"))?
        .application_name("candor")
        .disable_statement_logging()
        .options([
            ("default_transaction_read_only", "on".to_owned()),
            ("statement_timeout", settings.query_timeout.as_millis().to_string()),
            ("lock_timeout", settings.lock_timeout().as_millis().to_string()),
            ("DateStyle", "ISO".to_owned()),
            ("IntervalStyle", "iso_8601".to_owned()),
        ]);
    Ok(match &settings.password {
        Some(password) => options.password(password.expose()),
        None => options,
    })
}

async fn connect(options: &PgConnectOptions, limit: Duration) -> Result<PgConnection, Failure> {
    let what = format!("connecting to {}:{}", options.get_host(), options.get_port());
    match tokio::time::timeout(limit, options.connect()).await {
        Ok(connected) => connected.map_err(|error| Failure::of(&error, &what)),
        Err(_) => {
            let advice = "check the host, the port and the firewall between";
            let seconds = limit.as_secs_f32();
            Err(Failure::new(Reason::TimedOut, format!("{what}: no connection within {seconds} s; {advice}")))
        }
    }
}

/// From `pg_type`: its category and, for those of no category, its name.
fn kind_of(category: &str, name: &str) -> Kind {
    match (category, name) {
        ("B", _) => Kind::Flag,
        ("N", _) => Kind::Number,
        ("U", "uuid" | "json" | "jsonb" | "xml") => Kind::Text,
        ("U", _) => Kind::Bytes,
        _ => Kind::Text,
    }
}

/// The row's texts. A database without an encoding of its own may send anything: what is not UTF-8 is replaced.
fn texts(row: &PgRow) -> Result<Texts, sqlx::Error> {
    (0..row.len())
        .map(|index| {
            let value = row.try_get_raw(index)?;
            if value.is_null() {
                return Ok(None);
            }
            let bytes = value.as_bytes().map_err(sqlx::Error::Decode)?;
            Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
        })
        .collect()
}
