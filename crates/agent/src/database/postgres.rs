//! PostgreSQL: nothing can be written, and the server itself ends what takes too long.
//!
//! Every statement is a read-only transaction of its own, with limits of its own, and the server is asked in the same
//! breath whether they hold: a pooler in between may drop what a session asks for at its start. A longer transaction would keep old row
//! versions and locks alive that the product may be waiting for. Where the server does not answer in time, what it goes on with is
//! cancelled over a second connection and this one is dropped: its answer would otherwise be taken for the next question's.

use std::str::FromStr;
use std::time::Duration;

use candor_policy::Reason;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Postgres as Driver, Row, ValueRef};

use super::table::{Column, Kind, Table, TableKind, Texts, quoted};
use super::{DatabaseFacts, DatabaseSettings, Failure, limits, postgres_address, postgres_files};

/// A connection to a PostgreSQL server.
pub struct Postgres {
    options: PgConnectOptions,
    connect_timeout: Duration,
    query_timeout: Duration,
    /// What a transaction begins with, ending in the question whether it holds.
    begin: String,
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
        // The driver reads the password file where it stands, and a file may not answer.
        let (own_url, own_settings) = (url.to_owned(), settings.clone());
        let reading = tokio::task::spawn_blocking(move || {
            postgres_files::check(&own_url)?;
            let each = postgres_address::each_host(&own_url);
            each.iter().map(|url| options(url, &own_settings)).collect::<Result<Vec<_>, _>>()
        });
        let limit = settings.connect_timeout;
        let late = || Failure::timed_out("reading the password file and the certificates", limit);
        let options =
            tokio::time::timeout(limit, reading).await.map_err(|_| late())?.map_err(|_| late())??;
        let asked_for = asked_for(url)?;
        let (options, connection) = connect_to_first(options, settings.connect_timeout).await?;
        let mut opened = Self {
            options,
            connect_timeout: settings.connect_timeout,
            query_timeout: settings.query_timeout,
            begin: begin(settings, &asked_for, false),
            state: State::Open(connection),
        };
        let encoding =
            opened.rows("asking for the encoding", "SHOW server_encoding".to_owned(), None).await?;
        if encoding.into_iter().flatten().flatten().any(|encoding| encoding == "SQL_ASCII") {
            opened.begin = begin(settings, &asked_for, true);
        }
        Ok(opened)
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
        let sql = "SELECT CAST(c.oid AS text), CAST(n.nspname AS text), CAST(c.relname AS text), \
             CAST(c.relkind IN ('r', 'p') AND NOT EXISTS \
             (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) AS text) \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid) \
             AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY c.relname";
        let rows = self.rows("listing the tables", sql.to_owned(), None).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let [id, schema, name, is_ordinary] = <[Option<String>; 4]>::try_from(row).ok()?;
                let name = name?;
                let is_ordinary = is_ordinary.as_deref() == Some("true");
                Some(Table {
                    sql: format!("{}.{}", quoted(&schema?), quoted(&name)),
                    id: id?,
                    name,
                    kind: if is_ordinary { TableKind::Ordinary } else { TableKind::Derived },
                    has_row_ids: false,
                })
            })
            .collect())
    }

    pub(super) async fn columns(&mut self, table: &Table) -> Result<Vec<Column>, Failure> {
        let what = format!("listing the columns of {}", table.name);
        let sql = "SELECT CAST(a.attname AS text), CAST(t.typcategory AS text), CAST(t.typname AS text), \
             CAST(pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS text) \
             FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
             WHERE a.attrelid = CAST($1 AS oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
        let rows = self.rows(&what, sql.to_owned(), Some(table.id.clone())).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let [name, category, kind, may_be_read] = <[Option<String>; 4]>::try_from(row).ok()?;
                let kind = kind_of(&category?, &kind?);
                Some(Column { name: name?, kind, may_be_read: may_be_read.as_deref() == Some("true") })
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
        let patience = self.query_timeout + limits::GRACE;
        let mut running = None;
        let asking = transaction(&mut connection, &self.begin, sql, values, &mut running);
        match tokio::time::timeout(patience, asking).await {
            Ok(Ok(rows)) => {
                self.state = State::Open(connection);
                Ok(rows)
            }
            Ok(Err(fault)) => {
                let failure = fault.failure(what);
                self.state = match fault {
                    // A server that shuts down says so, and then says nothing more.
                    Fault::Answer(_) if failure.reason != Reason::Unreachable => State::Open(connection),
                    Fault::Answer(_) | Fault::Transaction(_) => State::Dropped,
                    // It would not hold for the next question either.
                    Fault::NotGuaranteed => State::Lost(failure.clone()),
                };
                Err(failure)
            }
            Err(_) => {
                drop(connection);
                self.cancel(running).await;
                Err(Failure::timed_out(what, patience))
            }
        }
    }

    /// Ends on the server what nobody waits for any more. Where it cannot be ended, the server's own limit ends it.
    async fn cancel(&self, running: Option<i32>) {
        let Some(process) = running else { return };
        let cancelling = async {
            let mut other = self.options.connect().await?;
            sqlx::query::<Driver>("SELECT pg_cancel_backend($1)")
                .persistent(false)
                .bind(process)
                .execute(&mut other)
                .await
        };
        let _ = tokio::time::timeout(limits::CANCEL_TIMEOUT, cancelling).await;
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
        // Nothing else at the start of a session: poolers refuse what they do not know. Each transaction asks for it.
        .extra_float_digits(None)
        .disable_statement_logging();
    // The driver would look up the brackets of an IPv6 address with it.
    let bare =
        options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']')).map(str::to_owned);
    let options = match bare {
        Some(host) => options.host(&host),
        None => options,
    };
    Ok(match &settings.password {
        Some(password) => options.password(password.expose()),
        None => options,
    })
}

/// SQL for what the address asks for in its `options`, such as a search path.
fn asked_for(url: &str) -> Result<String, Failure> {
    let mut sql = String::new();
    for (name, value) in postgres_address::session_settings(url) {
        let is_name =
            !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "._".contains(sign));
        if !is_name || value.contains('\\') {
            let what =
                "the `options` of the PostgreSQL address are not understood; write `options[search_path]=…`";
            return Err(Failure::new(Reason::NotConfigured, what));
        }
        sql.push_str(&format!("SELECT set_config('{name}', '{}', true); ", value.replace('\'', "''")));
    }
    Ok(sql)
}

/// What every transaction begins with. The last statement asks back whether it holds, and for the server's process.
fn begin(settings: &DatabaseSettings, asked_for: &str, without_encoding: bool) -> String {
    // A database without an encoding may hold any bytes, and the server refuses to say those that are not UTF-8 as UTF-8.
    let encoding = if without_encoding { "SET LOCAL client_encoding = 'SQL_ASCII'; " } else { "" };
    format!(
        "BEGIN READ ONLY; {asked_for}SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; SET LOCAL row_security = off; \
         SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'iso_8601'; {encoding}\
         SELECT current_setting('transaction_read_only'), current_setting('statement_timeout'), \
         current_setting('lock_timeout'), current_setting('row_security'), CAST(pg_backend_pid() AS text)",
        settings.query_timeout.as_millis().max(1),
        settings.lock_timeout().as_millis(),
    )
}

/// Why a transaction gave no answer.
enum Fault {
    /// The statement itself; its transaction has ended.
    Answer(sqlx::Error),
    /// The transaction did not begin, or did not end.
    Transaction(sqlx::Error),
    /// The server did not say what it was asked to hold.
    NotGuaranteed,
}

impl Fault {
    fn failure(&self, what: &str) -> Failure {
        match self {
            Self::Answer(error) | Self::Transaction(error) => Failure::of(error, what),
            Self::NotGuaranteed => {
                let advice = "name the server itself, or let the pooler work by transaction";
                Failure::new(
                    Reason::Failed,
                    format!(
                        "{what}: nothing was read, since neither read-only nor a time limit holds here; {advice}"
                    ),
                )
            }
        }
    }
}

/// Asks one statement in a transaction of its own, in which nothing can be written; `running` becomes the server's process.
async fn transaction(
    connection: &mut PgConnection,
    begin: &str,
    sql: String,
    values: Option<String>,
    running: &mut Option<i32>,
) -> Result<Vec<Texts>, Fault> {
    let began = sqlx::raw_sql(AssertSqlSafe(begin.to_owned())).fetch_all(&mut *connection).await;
    let began = began.map_err(Fault::Transaction)?;
    let said = began.last().map(texts).transpose().map_err(Fault::Transaction)?.unwrap_or_default();
    let said: Vec<&str> = said.iter().flatten().map(String::as_str).collect();
    let [read_only, limit, locks, row_security, process] = said[..] else { return Err(Fault::NotGuaranteed) };
    if read_only != "on" || limit == "0" || locks == "0" || row_security != "off" {
        return Err(Fault::NotGuaranteed);
    }
    *running = process.parse().ok();
    // Every name in the statement was found in the catalogue and is quoted; values are bound.
    let query = sqlx::query::<Driver>(AssertSqlSafe(sql)).persistent(false);
    let query = match values {
        Some(values) => query.bind(values),
        None => query,
    };
    let answer = query.fetch_all(&mut *connection).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.map_err(Fault::Transaction)?;
    answer.and_then(|rows| rows.iter().map(texts).collect()).map_err(Fault::Answer)
}

/// Connects to the first server that can be reached. One that refuses the login ends the search, as it does for `psql`.
async fn connect_to_first(
    each: Vec<PgConnectOptions>,
    limit: Duration,
) -> Result<(PgConnectOptions, PgConnection), Failure> {
    let limit = limit / u32::try_from(each.len()).unwrap_or(u32::MAX).max(1);
    let mut unreachable: Option<Failure> = None;
    for options in each {
        match connect(&options, limit).await {
            Ok(connection) => return Ok((options, connection)),
            Err(failure) if matches!(failure.reason, Reason::Unreachable | Reason::TimedOut) => {
                unreachable = Some(match unreachable {
                    Some(earlier) => {
                        Failure::new(failure.reason, format!("{}; {}", earlier.message, failure.message))
                    }
                    None => failure,
                });
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(unreachable.unwrap_or_else(|| Failure::new(Reason::NotConfigured, "the address names no host")))
}

async fn connect(options: &PgConnectOptions, limit: Duration) -> Result<PgConnection, Failure> {
    let what = format!("connecting to {}:{}", options.get_host(), options.get_port());
    match tokio::time::timeout(limit, options.connect()).await {
        Ok(connected) => connected.map_err(|error| {
            let mut failure = Failure::of(&error, &what);
            let is_refused =
                error.as_database_error().is_some_and(|answer| answer.code().as_deref() == Some("28P01"));
            failure.message.extend(is_refused.then(postgres_files::passed_over).flatten());
            failure
        }),
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
