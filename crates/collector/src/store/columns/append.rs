//! Writes whole batches of rows and the high-water mark, in one transaction: after a crash the mark says exactly what is
//! there.

use duckdb::types::{TimeUnit, Value};
use duckdb::{Appender, Connection, Transaction, params};
use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::identities::Identities;
use super::rows::Rows;
use super::states::States;
use crate::store::StoreError;
use crate::store::states::Heard;

/// How far the journal has been projected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last batch.
    pub batch: i64,
    /// Its last report.
    pub last_seq: i64,
}

/// Reads the high-water mark.
pub(in crate::store) fn read_mark(connection: &Connection) -> duckdb::Result<Mark> {
    connection.query_row("SELECT batch, last_seq FROM projected", [], |row| {
        Ok(Mark { batch: row.get(0)?, last_seq: row.get(1)? })
    })
}

/// Appends the rows of the batches after the mark, which `fill` adds, up to the mark that it returns; where it returns none,
/// nothing. Without `states`, those are left for later.
///
/// # Errors
/// [`StoreError`]; nothing is then kept but what `identities` heard, so it is of no more use.
pub(in crate::store) fn append(
    connection: &mut Connection,
    identities: &mut Identities,
    states: Option<&mut States>,
    fill: impl FnOnce(&mut Tables<'_>) -> Result<Option<Mark>, StoreError>,
) -> Result<Option<Mark>, StoreError> {
    let transaction = connection.transaction()?;
    let mut tables = Tables::of(&transaction, identities, states.is_some())?;
    let Some(mark) = fill(&mut tables)? else { return Ok(None) };
    let heard = tables.flush()?;
    identities.write(&transaction)?;
    transaction.execute("UPDATE projected SET batch = ?, last_seq = ?", [mark.batch, mark.last_seq])?;
    if let Some(states) = states {
        states.take_in(&transaction, heard)?;
        transaction.execute("UPDATE projected SET states_seq = ?", [mark.last_seq])?;
    }
    transaction.commit()?;
    Ok(Some(mark))
}

fn moment(at: Timestamp) -> Value {
    Value::Timestamp(TimeUnit::Microsecond, at.as_microsecond())
}

fn day(day: Date) -> Value {
    Value::Date32((day - date(1970, 1, 1)).get_days())
}

/// The tables within one transaction.
pub(in crate::store) struct Tables<'t> {
    reports: Appender<'t>,
    facts: Appender<'t>,
    usage: Appender<'t>,
    flows: Appender<'t>,
    outcomes: Appender<'t>,
    identities: &'t mut Identities,
    keeps_heard: bool,
    heard: Vec<(i64, Heard)>,
}

impl<'t> Tables<'t> {
    pub(super) fn of(
        transaction: &'t Transaction<'_>,
        identities: &'t mut Identities,
        keeps_heard: bool,
    ) -> duckdb::Result<Self> {
        Ok(Self {
            reports: transaction.appender("reports")?,
            facts: transaction.appender("facts")?,
            usage: transaction.appender("usage")?,
            flows: transaction.appender("flows")?,
            outcomes: transaction.appender("outcomes")?,
            identities,
            keeps_heard,
            heard: Vec::new(),
        })
    }

    /// Adds the rows of one report.
    pub(in crate::store) fn add(&mut self, rows: &Rows) -> duckdb::Result<()> {
        self.add_report(rows)?;
        self.add_facts(rows)?;
        self.add_usage(rows)?;
        self.add_flows(rows)?;
        self.add_outcomes(rows)?;
        self.identities.hear(rows);
        if self.keeps_heard {
            self.heard.push((rows.report.span.installation, rows.heard()));
        }
        Ok(())
    }

    fn add_report(&mut self, rows: &Rows) -> duckdb::Result<()> {
        let report = &rows.report;
        let span = &report.span;
        self.reports.append_row(params![
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
            rows.customer,
            rows.customer_name,
        ])
    }

    fn add_facts(&mut self, rows: &Rows) -> duckdb::Result<()> {
        let span = &rows.report.span;
        let (end, month) = (moment(span.end), day(span.month));
        rows.facts.iter().try_for_each(|fact| {
            self.facts.append_row(params![
                span.seq,
                span.installation,
                span.policy,
                &*fact.metric,
                fact.word.key.as_deref(),
                fact.word.fact.state.word(),
                fact.word.fact.text.as_deref(),
                fact.word.fact.number,
                end,
                month,
            ])
        })
    }

    fn add_usage(&mut self, rows: &Rows) -> duckdb::Result<()> {
        let span = &rows.report.span;
        rows.usage.iter().try_for_each(|usage| {
            self.usage.append_row(params![
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
    }

    fn add_flows(&mut self, rows: &Rows) -> duckdb::Result<()> {
        let span = &rows.report.span;
        rows.flows.iter().try_for_each(|flow| {
            self.flows.append_row(params![
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
    }

    fn add_outcomes(&mut self, rows: &Rows) -> duckdb::Result<()> {
        let span = &rows.report.span;
        rows.outcomes.iter().filter(|outcome| outcome.count > 0).try_for_each(|outcome| {
            self.outcomes.append_row(params![
                span.seq,
                span.installation,
                span.policy,
                outcome.metric,
                outcome.kind,
                outcome.count,
                day(span.month),
            ])
        })
    }

    /// Writes what was added; returns what it says.
    pub(super) fn flush(mut self) -> duckdb::Result<Vec<(i64, Heard)>> {
        let tables =
            [&mut self.reports, &mut self.facts, &mut self.usage, &mut self.flows, &mut self.outcomes];
        tables.into_iter().try_for_each(Appender::flush)?;
        Ok(self.heard)
    }
}
