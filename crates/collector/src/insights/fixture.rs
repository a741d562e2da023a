//! A small installed base for tests: real columns in memory, filled by hand, and the policy that the rows are of.

use std::sync::Arc;

use candor_policy::Policy;
use duckdb::{Connection, params};

use super::{Catalogue, Cell, Figure, Filter, Question, View};

/// The policy of all rows.
const MANIFEST: &str = include_str!("fixture.toml");

/// Columns in memory, and a moment: noon of 2026-05-15.
pub struct Fixture {
    pub connection: Connection,
    catalogue: Arc<Catalogue>,
    next_seq: std::cell::Cell<i64>,
}

impl Fixture {
    pub fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(crate::store::SCHEMA).unwrap();
        let policy = Policy::read(MANIFEST).unwrap_or_else(|faults| panic!("{faults}"));
        let catalogue = Arc::new(Catalogue::new(vec![Arc::new(policy)]));
        Self { connection, catalogue, next_seq: std::cell::Cell::new(1) }
    }

    /// An installation; its name is 22 times this letter.
    pub fn installation(&self, number: i64, letter: char, customer: Option<&str>, name: Option<&str>) {
        let installation = letter.to_string().repeat(22);
        let sql =
            "INSERT INTO installations (installation, name, customer, customer_name) VALUES (?, ?, ?, ?)";
        self.connection.execute(sql, params![number, installation, customer, name]).unwrap();
    }

    /// A report of a product's version at a day; returns what its facts are added with.
    pub fn report(&self, installation: i64, day: &str, application: &str, version: &str) -> ReportOf<'_> {
        self.report_of("batch", installation, day, application, version)
    }

    /// The same, from another source than the batch.
    pub fn report_of(
        &self,
        source: &str,
        installation: i64,
        day: &str,
        application: &str,
        version: &str,
    ) -> ReportOf<'_> {
        let seq = self.next_seq.replace(self.next_seq.get() + 1);
        let end = format!("{day} 12:00:00");
        let sql = "INSERT INTO reports SELECT ?, uuid(), ?, 'acme', '1.0', ?, 'batch', ?, ?, ?::TIMESTAMP, \
                   ?::TIMESTAMP, ?::TIMESTAMP, date_trunc('month', ?::DATE), NULL, NULL, NULL";
        self.connection
            .execute(sql, params![seq, installation, source, application, version, end, end, end, day])
            .unwrap();
        ReportOf { fixture: self, seq, installation, day: day.to_owned() }
    }

    /// A view with these parameters in its address.
    pub fn view(&self, parameters: &[(&str, &str)]) -> View {
        let parameter =
            |name: &str| parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let (filter, question) = (Filter::read(parameter), Question::read(parameter));
        View::new(filter, question, self.catalogue.clone(), "2026-05-15T12:00:00Z".parse().unwrap())
    }
}

/// A report that facts are added to.
pub struct ReportOf<'f> {
    fixture: &'f Fixture,
    seq: i64,
    installation: i64,
    day: String,
}

impl ReportOf<'_> {
    fn fact(
        self,
        metric: &str,
        key: Option<&str>,
        state: &str,
        text: Option<&str>,
        number: Option<f64>,
    ) -> Self {
        let end = format!("{} 12:00:00", self.day);
        let sql = "INSERT INTO facts SELECT ?, ?, 'acme', ?, ?, ?, ?, ?, ?::TIMESTAMP, date_trunc('month', ?::DATE)";
        let row = params![self.seq, self.installation, metric, key, state, text, number, end, self.day];
        self.fixture.connection.execute(sql, row).unwrap();
        self
    }

    pub fn text(self, metric: &str, text: &str) -> Self {
        self.fact(metric, None, "value", Some(text), None)
    }

    pub fn state(self, metric: &str, state: &str, reason: Option<&str>) -> Self {
        self.fact(metric, None, state, reason, None)
    }

    /// A key that could not be measured.
    pub fn missing(self, metric: &str, key: &str, reason: &str) -> Self {
        self.fact(metric, Some(key), "not-measured", Some(reason), None)
    }

    pub fn records(self, table: &str, number: f64) -> Self {
        self.fact("record_counts", Some(table), "value", None, Some(number))
    }

    pub fn setting(self, key: &str, state: &str, text: Option<&str>) -> Self {
        self.fact("options", Some(key), state, text, None)
    }

    pub fn devices(self, json: &str, number: f64) -> Self {
        self.fact("devices", Some(json), "value", Some(json), Some(number))
    }

    pub fn outcome(self, metric: Option<&str>, kind: &str, count: i64) -> Self {
        let sql = "INSERT INTO outcomes SELECT ?, ?, 'acme', ?, ?, ?, date_trunc('month', ?::DATE)";
        let row = params![self.seq, self.installation, metric, kind, count, self.day];
        self.fixture.connection.execute(sql, row).unwrap();
        self
    }
}

/// A figure's rows as machines read them, cells joined by `|`; only the first columns where there are many months.
pub fn rows(figure: &Figure, columns: usize) -> Vec<String> {
    let exact = |row: &Vec<Cell>| row.iter().take(columns).map(Cell::exact).collect::<Vec<_>>().join("|");
    figure.table.rows.iter().map(exact).collect()
}
