//! Writes whole batches of rows and the high-water mark, in one transaction: after a crash the mark says exactly what is
//! there.

use std::collections::BTreeMap;

use duckdb::types::{TimeUnit, Value};
use duckdb::{Appender, Connection, Transaction, params};
use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::rows::{Rows, Span};

/// How far the journal has been projected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last batch.
    pub batch: i64,
    /// Its last report.
    pub last_seq: i64,
}

const MERGE_INSTALLATIONS: &str = include_str!("../queries/append.merge_installations.sql");

/// Reads the high-water mark.
pub(in crate::store) fn read_mark(connection: &Connection) -> duckdb::Result<Mark> {
    connection.query_row("SELECT batch, last_seq FROM projected", [], |row| {
        Ok(Mark { batch: row.get(0)?, last_seq: row.get(1)? })
    })
}

/// Appends the rows of the batches after the mark, up to `mark`.
pub(in crate::store) fn append(connection: &mut Connection, rows: &[Rows], mark: Mark) -> duckdb::Result<()> {
    connection.execute_batch(include_str!("../queries/append.scratch.sql"))?;
    let transaction = connection.transaction()?;
    append_reports(&transaction, rows)?;
    append_facts(&transaction, rows)?;
    append_usage(&transaction, rows)?;
    append_flows(&transaction, rows)?;
    append_outcomes(&transaction, rows)?;
    append_installations(&transaction, rows)?;
    transaction.execute_batch(MERGE_INSTALLATIONS)?;
    transaction.execute("UPDATE projected SET batch = ?, last_seq = ?", [mark.batch, mark.last_seq])?;
    transaction.commit()
}

fn moment(at: Timestamp) -> Value {
    Value::Timestamp(TimeUnit::Microsecond, at.as_microsecond())
}

fn day(day: Date) -> Value {
    Value::Date32((day - date(1970, 1, 1)).get_days())
}

fn append_reports(transaction: &Transaction<'_>, rows: &[Rows]) -> duckdb::Result<()> {
    let mut appender = transaction.appender("reports")?;
    for Rows { report, .. } in rows {
        let span = &report.span;
        appender.append_row(params![
            span.seq,
            report.report_id,
            span.installation,
            span.policy,
            report.policy_version,
            report.source,
            report.source_kind,
            report.application,
            report.version,
            moment(span.start),
            moment(span.end),
            moment(report.received_at),
            day(span.month),
            report.address,
        ])?;
    }
    appender.flush()
}

/// Hands each report's span to `each`, together with its rows and the table's appender.
fn append_to(
    transaction: &Transaction<'_>,
    table: &str,
    rows: &[Rows],
    each: impl Fn(&mut Appender<'_>, &Span, &Rows) -> duckdb::Result<()>,
) -> duckdb::Result<()> {
    let mut appender = transaction.appender(table)?;
    for row in rows {
        each(&mut appender, &row.report.span, row)?;
    }
    appender.flush()
}

fn append_facts(transaction: &Transaction<'_>, rows: &[Rows]) -> duckdb::Result<()> {
    append_to(transaction, "facts", rows, |appender, span, rows| {
        let (end, month) = (moment(span.end), day(span.month));
        rows.facts.iter().try_for_each(|fact| {
            appender.append_row(params![
                span.seq,
                span.installation,
                span.policy,
                fact.metric,
                fact.key,
                fact.state,
                fact.text,
                fact.number,
                end,
                month,
            ])
        })
    })
}

fn append_usage(transaction: &Transaction<'_>, rows: &[Rows]) -> duckdb::Result<()> {
    append_to(transaction, "usage", rows, |appender, span, rows| {
        rows.usage.iter().try_for_each(|usage| {
            appender.append_row(params![
                span.seq,
                span.installation,
                span.policy,
                usage.metric,
                usage.dimensions,
                usage.count,
                usage.errors,
                usage.durations,
                moment(span.start),
                moment(span.end),
                day(span.month),
            ])
        })
    })
}

fn append_flows(transaction: &Transaction<'_>, rows: &[Rows]) -> duckdb::Result<()> {
    append_to(transaction, "flows", rows, |appender, span, rows| {
        rows.flows.iter().try_for_each(|flow| {
            appender.append_row(params![
                span.seq,
                span.installation,
                span.policy,
                flow.metric,
                flow.dimensions,
                flow.step,
                flow.step_index,
                flow.reached,
                flow.failed,
                moment(span.start),
                moment(span.end),
                day(span.month),
            ])
        })
    })
}

fn append_outcomes(transaction: &Transaction<'_>, rows: &[Rows]) -> duckdb::Result<()> {
    append_to(transaction, "outcomes", rows, |appender, span, rows| {
        rows.outcomes.iter().filter(|outcome| outcome.count > 0).try_for_each(|outcome| {
            appender.append_row(params![
                span.seq,
                span.installation,
                span.policy,
                outcome.metric,
                outcome.kind,
                outcome.count,
                day(span.month),
            ])
        })
    })
}

/// What these reports say of each installation: its name, and the newest word on its customer.
#[derive(Default)]
struct Identity<'r> {
    name: &'r str,
    customer: Option<(Timestamp, i64, &'r str)>,
    customer_name: Option<(Timestamp, i64, &'r str)>,
}

fn append_installations(transaction: &Transaction<'_>, rows: &[Rows]) -> duckdb::Result<()> {
    let mut touched: BTreeMap<i64, Identity<'_>> = BTreeMap::new();
    for row in rows {
        let span = &row.report.span;
        let identity = touched.entry(span.installation).or_default();
        identity.name = &row.installation_name;
        let customer = row.customer.as_deref().map(|text| (span.end, span.seq, text));
        let customer_name = row.customer_name.as_deref().map(|text| (span.end, span.seq, text));
        identity.customer = identity.customer.max(customer);
        identity.customer_name = identity.customer_name.max(customer_name);
    }
    let mut appender = transaction.appender_to_catalog_and_db("touched", "temp", "main")?;
    for (installation, identity) in touched {
        let (customer, customer_name) = (identity.customer, identity.customer_name);
        appender.append_row(params![
            installation,
            identity.name,
            customer.map(|(_, _, text)| text),
            customer.map(|(end, ..)| moment(end)),
            customer.map(|(_, seq, _)| seq),
            customer_name.map(|(_, _, text)| text),
            customer_name.map(|(end, ..)| moment(end)),
            customer_name.map(|(_, seq, _)| seq),
        ])?;
    }
    appender.flush()
}
