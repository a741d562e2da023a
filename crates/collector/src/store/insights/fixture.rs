//! A small installed base in memory, for tests. Its reports are appended as the projector appends them, so that what the
//! columns derive from a report is derived here too.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use duckdb::Connection;
use jiff::Timestamp;
use jiff::civil::Date;

use super::ColumnsReader;
use crate::store::columns::{self, FactRow, Identities, Mark, OutcomeRow, ReportRow, Rows, Span, States};
use crate::store::states::{Fact, State, Word};

/// The policy of all reports; `insights/fixture.toml` declares it.
const POLICY: &str = "acme";

/// An installed base that reports are added to.
pub struct Fixture {
    connection: RefCell<Connection>,
    identities: RefCell<Identities>,
    states: RefCell<States>,
    installations: RefCell<HashMap<i64, Installation>>,
    seq_last: Cell<i64>,
}

#[derive(Clone)]
struct Installation {
    name: String,
    customer: Option<String>,
    customer_name: Option<String>,
}

impl Fixture {
    pub fn new() -> Self {
        let connection = columns::in_memory();
        let identities = Identities::read(&connection).unwrap();
        let states = States::read(&connection).unwrap();
        Self {
            connection: RefCell::new(connection),
            identities: RefCell::new(identities),
            states: RefCell::new(states),
            installations: RefCell::default(),
            seq_last: Cell::new(0),
        }
    }

    pub fn reader(&self) -> ColumnsReader {
        ColumnsReader::new(self.connection.borrow().try_clone().unwrap())
    }

    /// An installation, and the customer that its reports name; its own name is 22 times this letter.
    pub fn installation(
        &self,
        number: i64,
        letter: char,
        customer: Option<&str>,
        customer_name: Option<&str>,
    ) {
        let installation = Installation {
            name: letter.to_string().repeat(22),
            customer: customer.map(str::to_owned),
            customer_name: customer_name.map(str::to_owned),
        };
        self.installations.borrow_mut().insert(number, installation);
    }

    /// A report of the monthly batch: a product's version at noon of a day. It is appended when the test lets go of it.
    pub fn report(
        &self,
        installation: i64,
        day: &str,
        application: &str,
        version: &str,
    ) -> FixtureReport<'_> {
        self.report_of("batch", installation, day, application, version)
    }

    /// A report of another source.
    pub fn report_of(
        &self,
        source: &str,
        installation: i64,
        day: &str,
        application: &str,
        version: &str,
    ) -> FixtureReport<'_> {
        self.seq_last.set(self.seq_last.get() + 1);
        let noon: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
        let day: Date = day.parse().unwrap();
        let report = ReportRow {
            span: Span {
                seq: self.seq_last.get(),
                installation,
                policy: POLICY.to_owned(),
                start: noon,
                end: noon,
                month: day.first_of_month(),
            },
            report_id: uuid::Uuid::from_u128(self.seq_last.get() as u128).to_string(),
            policy_version: "1.0".to_owned(),
            source: source.to_owned(),
            source_kind: "batch",
            application: application.to_owned(),
            version: version.to_owned(),
            received_at: noon,
            address: None,
        };
        let Installation { name, customer, customer_name } =
            self.installations.borrow().get(&installation).cloned().unwrap();
        let rows = Rows {
            report,
            facts: Vec::new(),
            usage: Vec::new(),
            flows: Vec::new(),
            outcomes: Vec::new(),
            installation_name: name,
            customer,
            customer_name,
        };
        FixtureReport { fixture: self, rows }
    }

    fn append(&self, rows: &Rows) {
        let seq = rows.report.span.seq;
        let mut states = self.states.borrow_mut();
        columns::append(
            &mut self.connection.borrow_mut(),
            &mut self.identities.borrow_mut(),
            Some(&mut states),
            |tables| {
                tables.add(rows)?;
                Ok(Some(Mark { batch: seq, last_seq: seq }))
            },
        )
        .unwrap();
    }
}

/// A report that facts and outcomes are added to.
pub struct FixtureReport<'f> {
    fixture: &'f Fixture,
    rows: Rows,
}

impl Drop for FixtureReport<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.fixture.append(&self.rows);
        }
    }
}

impl FixtureReport<'_> {
    fn fact(
        mut self,
        metric: &str,
        key: Option<&str>,
        state: &'static str,
        text: Option<&str>,
        number: Option<f64>,
    ) -> Self {
        let fact = Fact { state: State::parse(state).unwrap(), text: text.map(Into::into), number };
        let word = Word { key: key.map(Into::into), fact };
        self.rows.facts.push(FactRow { metric: metric.into(), word });
        self
    }

    pub fn text(self, metric: &str, text: &str) -> Self {
        self.fact(metric, None, "value", Some(text), None)
    }

    pub fn state(self, metric: &str, state: &'static str, reason: Option<&str>) -> Self {
        self.fact(metric, None, state, reason, None)
    }

    /// A key that could not be measured.
    pub fn missing(self, metric: &str, key: &str, reason: &str) -> Self {
        self.fact(metric, Some(key), "not-measured", Some(reason), None)
    }

    pub fn records(self, table: &str, number: f64) -> Self {
        self.fact("record_counts", Some(table), "value", None, Some(number))
    }

    pub fn setting(self, key: &str, state: &'static str, text: Option<&str>) -> Self {
        self.fact("options", Some(key), state, text, None)
    }

    pub fn devices(self, json: &str, number: f64) -> Self {
        self.fact("devices", Some(json), "value", Some(json), Some(number))
    }

    pub fn outcome(mut self, metric: Option<&str>, kind: &'static str, count: i64) -> Self {
        self.rows.outcomes.push(OutcomeRow { metric: metric.map(str::to_owned), kind, count });
        self
    }
}
