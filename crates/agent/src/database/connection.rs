//! A connection to either product, and what the two say differently. All reading is written once, over this.

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::table::{Column, Kind, Table, Texts, quoted};
use super::{DatabaseAddress, DatabaseFacts, DatabaseSettings, Failure, limits};

/// A read-only, time-limited connection.
pub enum Connection {
    /// To a SQLite file.
    Sqlite(Box<Sqlite>),
    /// To a PostgreSQL server.
    Postgres(Box<Postgres>),
}

impl Connection {
    /// Connects, and makes sure that the database answers.
    ///
    /// # Errors
    /// [`Failure`]: not there, locked, refused, or out of time.
    pub async fn open(settings: &DatabaseSettings) -> Result<Self, Failure> {
        match &settings.address {
            DatabaseAddress::Sqlite(path) => {
                Sqlite::open(path, settings).await.map(|opened| Self::Sqlite(Box::new(opened)))
            }
            DatabaseAddress::Postgres(url) => {
                Postgres::open(url, settings).await.map(|opened| Self::Postgres(Box::new(opened)))
            }
        }
    }

    /// Which product it is, and of which version and edition.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn facts(&mut self) -> Result<DatabaseFacts, Failure> {
        match self {
            Self::Sqlite(connection) => connection.facts(),
            Self::Postgres(connection) => connection.facts().await,
        }
    }

    /// All tables and views that the login sees without naming a schema, by name.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn tables(&mut self) -> Result<Vec<Table>, Failure> {
        match self {
            Self::Sqlite(connection) => connection.tables().await,
            Self::Postgres(connection) => connection.tables().await,
        }
    }

    /// A table's columns, in their order.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn columns(&mut self, table: &Table) -> Result<Vec<Column>, Failure> {
        match self {
            Self::Sqlite(connection) => connection.columns(table).await,
            Self::Postgres(connection) => connection.columns(table).await,
        }
    }

    /// Counts a table in short steps, where a long read would be in the product's way; `None` where it is not.
    pub(super) async fn row_count_in_steps(&mut self, table: &Table) -> Result<Option<i64>, Failure> {
        match self {
            Self::Sqlite(connection) => connection.row_count_in_steps(table).await,
            Self::Postgres(_) => Ok(None),
        }
    }

    /// Runs a statement whose columns are all texts. `values` binds the statement's one parameter.
    pub(super) async fn rows(
        &mut self,
        what: &str,
        sql: String,
        values: Option<String>,
    ) -> Result<Vec<Texts>, Failure> {
        match self {
            Self::Sqlite(connection) => connection.rows(what, sql, values).await,
            Self::Postgres(connection) => connection.rows(what, sql, values).await,
        }
    }

    /// SQL for an expression's text form, cut off at `length` characters.
    pub(super) fn text(&self, expression: &str, length: usize) -> String {
        match self {
            Self::Sqlite(_) => format!("substr(CAST({expression} AS TEXT), 1, {length})"),
            Self::Postgres(_) => format!("left(CAST({expression} AS text), {length})"),
        }
    }

    /// SQL for a value's kind and text, two columns. Bytes stay in the database: their text is empty.
    pub(super) fn value(&self, column: &Column) -> String {
        let name = quoted(&column.name);
        let text = self.text(&name, limits::VALUE_LENGTH);
        match (self, column.kind) {
            (_, Kind::Bytes) => format!("'blob', CASE WHEN {name} IS NULL THEN NULL ELSE '' END"),
            (Self::Sqlite(_), Kind::Flag) => {
                let is_bytes = is_bytes(&name);
                format!(
                    "CASE WHEN {is_bytes} THEN 'blob' WHEN typeof({name}) = 'integer' THEN 'flag' ELSE typeof({name}) END, CASE WHEN {is_bytes} THEN '' ELSE {text} END"
                )
            }
            (Self::Sqlite(_), Kind::Number | Kind::Text | Kind::ByValue) => {
                let is_bytes = is_bytes(&name);
                format!(
                    "CASE WHEN {is_bytes} THEN 'blob' ELSE typeof({name}) END, CASE WHEN {is_bytes} THEN '' ELSE {text} END"
                )
            }
            (Self::Postgres(_), Kind::Flag) => format!("'flag', {text}"),
            (Self::Postgres(_), Kind::Number) => format!("'number', {text}"),
            (Self::Postgres(_), Kind::Text | Kind::ByValue) => format!("'text', {text}"),
        }
    }

    /// SQL for whether a value is text or bytes, and for the text, two columns; numbers are text here.
    pub(super) fn text_or_bytes(&self, column: &Column, length: usize) -> String {
        let name = quoted(&column.name);
        let text = self.text(&name, length);
        match (self, column.kind) {
            (_, Kind::Bytes) => format!("'blob', CASE WHEN {name} IS NULL THEN NULL ELSE '' END"),
            (Self::Sqlite(_), Kind::Flag | Kind::Number | Kind::Text | Kind::ByValue) => {
                let is_bytes = is_bytes(&name);
                format!(
                    "CASE WHEN {is_bytes} THEN 'blob' ELSE 'text' END, CASE WHEN {is_bytes} THEN '' ELSE {text} END"
                )
            }
            (Self::Postgres(_), Kind::Flag | Kind::Number | Kind::Text | Kind::ByValue) => {
                format!("'text', {text}")
            }
        }
    }

    /// SQL for whether a value is text, and not bytes.
    pub(super) fn is_text(&self, column: &Column) -> String {
        match (self, column.kind) {
            (_, Kind::Bytes) => "FALSE".to_owned(),
            (Self::Sqlite(_), Kind::Flag | Kind::Number | Kind::Text | Kind::ByValue) => {
                format!("NOT {}", is_bytes(&quoted(&column.name)))
            }
            (Self::Postgres(_), Kind::Flag | Kind::Number | Kind::Text | Kind::ByValue) => "TRUE".to_owned(),
        }
    }

    /// SQL for the texts of the JSON array that is bound to the statement's parameter.
    pub(super) fn bound_list(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "(SELECT value FROM json_each(?1))",
            Self::Postgres(_) => "(SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))",
        }
    }
}

/// SQL for whether a SQLite value is bytes. Text with a NUL inside is: SQLite's own functions would cut it off there.
fn is_bytes(name: &str) -> String {
    format!(
        "(typeof({name}) = 'blob' OR (typeof({name}) = 'text' AND instr(CAST({name} AS BLOB), x'00') > 0))"
    )
}

/// The kind that `Connection::value` asks the database to say.
pub(super) fn kind_said(word: Option<&str>) -> Kind {
    match word {
        Some("flag") => Kind::Flag,
        Some("integer" | "real" | "number") => Kind::Number,
        Some("blob") => Kind::Bytes,
        _ => Kind::Text,
    }
}
