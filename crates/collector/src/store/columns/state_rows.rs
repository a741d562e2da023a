//! The rows of states: read as the histories of the touched installations, and written from them.

use std::collections::HashMap;
use std::sync::Arc;

use duckdb::types::{TimeUnit, Value};
use duckdb::{Appender, Connection, Row, Transaction, params};

use super::names::Names;
use crate::store::StoreError;
use crate::store::states::{
    self, Fact, Header, History, Metric, OPEN, Presence, Run, Scope, State, Track, Word,
};

/// The touched installations.
pub(super) struct Loaded {
    /// Without what ended before their newest months.
    pub(super) histories: HashMap<i64, History>,
    /// Where their rows of `current_states` are.
    pub(super) places: HashMap<i64, Vec<i64>>,
}

/// Reads the touched installations. Statements are planned anew each time: the plan of a cached one goes on with what the tables
/// held when it was made, which may be nothing.
pub(super) fn load(connection: &Connection, names: &Names) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded { histories: HashMap::new(), places: HashMap::new() };
    let mut select = connection.prepare(include_str!("../queries/states.load.sql"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let installation: i64 = row.get(1)?;
        let (metric, state) = read_state(row, names)?;
        loaded.places.entry(installation).or_default().extend(state.stored);
        let scopes = loaded.histories.entry(installation).or_default().tracks.entry(metric).or_default();
        scopes.entry(read_scope(row, 2)?).or_default().current.push(state);
    }
    load_headers(connection, &mut loaded.histories)?;
    load_runs(connection, &mut loaded.histories)?;
    Ok(loaded)
}

fn read_scope(row: &Row<'_>, column: usize) -> duckdb::Result<Scope> {
    Ok(Scope { application: row.get(column)?, is_whole: row.get(column + 1)? })
}

fn read_state(row: &Row<'_>, names: &Names) -> Result<(Metric, states::Row), StoreError> {
    let number: i32 = row.get(4)?;
    let (metric, key) = names
        .name(number)
        .ok_or_else(|| StoreError::Unreadable(format!("state of unknown name {number}")))?;
    let fact = Fact { state: read_word(row, 5)?, text: row.get(6)?, number: row.get(7)? };
    let state = states::Row {
        word: Word { key: key.clone(), fact },
        number_before: row.get(8)?,
        from: row.get(9)?,
        until: row.get(10)?,
        stored: Some(row.get(0)?),
    };
    Ok((metric.clone(), state))
}

/// The state whose word stands in this column.
pub(super) fn read_word(row: &Row<'_>, column: usize) -> Result<State, StoreError> {
    let value = row.get_ref(column)?;
    let word = value.as_str().map_err(|error| StoreError::Unreadable(error.to_string()))?;
    State::parse(word).ok_or_else(|| StoreError::Unreadable(format!("unknown state `{word}`")))
}

fn load_headers(connection: &Connection, histories: &mut HashMap<i64, History>) -> duckdb::Result<()> {
    let mut select = connection.prepare(
        "SELECT installation, application, is_whole, policy, version, epoch_us(period_end), seq, month_from
         FROM headers
         WHERE month_until = ? AND installation IN (SELECT installation FROM touched)",
    )?;
    let mut rows = select.query([OPEN])?;
    while let Some(row) = rows.next()? {
        let header = Header {
            policy: row.get(3)?,
            version: row.get(4)?,
            end: row.get(5)?,
            seq: row.get(6)?,
            from: row.get(7)?,
            until: OPEN,
        };
        presence(histories, row)?.open = Some(header);
    }
    Ok(())
}

fn load_runs(connection: &Connection, histories: &mut HashMap<i64, History>) -> duckdb::Result<()> {
    let mut select = connection.prepare(
        "SELECT installation, application, is_whole, month_from, month_until, epoch_us(last_end)
         FROM heard
         WHERE installation IN (SELECT installation FROM touched)
         ORDER BY month_from",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let run = Run { from: row.get(3)?, until: row.get(4)?, last_end: row.get(5)? };
        presence(histories, row)?.runs.push(run);
    }
    Ok(())
}

fn presence<'h>(histories: &'h mut HashMap<i64, History>, row: &Row<'_>) -> duckdb::Result<&'h mut Presence> {
    let history = histories.entry(row.get(0)?).or_default();
    Ok(history.presences.entry(read_scope(row, 1)?).or_default())
}

fn tracks(history: &History) -> impl Iterator<Item = (&Metric, &Scope, &Track)> {
    let scopes = history.tracks.iter();
    scopes.flat_map(|(metric, scopes)| scopes.iter().map(move |(scope, track)| (metric, scope, track)))
}

/// Where the rows are that stay as they are.
pub(super) fn stored(history: &History) -> impl Iterator<Item = i64> {
    tracks(history).flat_map(|(_, _, track)| track.current.iter().filter_map(|row| row.stored))
}

/// The tables within one transaction.
pub(super) struct Writer<'t> {
    states: Appender<'t>,
    current_states: Appender<'t>,
    headers: Appender<'t>,
    heard: Appender<'t>,
}

impl<'t> Writer<'t> {
    pub(super) fn of(transaction: &'t Transaction<'_>) -> duckdb::Result<Self> {
        Ok(Self {
            states: transaction.appender("states")?,
            current_states: transaction.appender("current_states")?,
            headers: transaction.appender("headers")?,
            heard: transaction.appender("heard")?,
        })
    }

    /// Adds the rows of one installation that are not stored yet.
    pub(super) fn add(
        &mut self,
        installation: i64,
        history: &History,
        names: &mut Names,
    ) -> duckdb::Result<()> {
        for (metric, scope, track) in tracks(history) {
            for row in &track.closed {
                add_state(&mut self.states, installation, scope, row, names.number(metric, &row.word.key))?;
            }
            for row in track.current.iter().filter(|row| row.stored.is_none()) {
                let name = names.number(metric, &row.word.key);
                add_state(&mut self.current_states, installation, scope, row, name)?;
            }
        }
        history
            .presences
            .iter()
            .try_for_each(|(scope, presence)| self.add_presence(installation, scope, presence))
    }

    fn add_presence(&mut self, installation: i64, scope: &Scope, presence: &Presence) -> duckdb::Result<()> {
        for header in presence.closed.iter().chain(&presence.open) {
            self.headers.append_row(params![
                installation,
                scope.application.as_deref(),
                scope.is_whole,
                &*header.policy,
                &*header.version,
                moment(header.end),
                header.seq,
                header.from,
                header.until,
            ])?;
        }
        presence.runs.iter().try_for_each(|run| {
            self.heard.append_row(params![
                installation,
                scope.application.as_deref(),
                scope.is_whole,
                run.from,
                run.until,
                moment(run.last_end),
            ])
        })
    }

    pub(super) fn flush(mut self) -> duckdb::Result<()> {
        let tables = [&mut self.states, &mut self.current_states, &mut self.headers, &mut self.heard];
        tables.into_iter().try_for_each(Appender::flush)
    }
}

fn add_state(
    table: &mut Appender<'_>,
    installation: i64,
    scope: &Scope,
    row: &states::Row,
    name: i32,
) -> duckdb::Result<()> {
    let text: Option<&Arc<str>> = row.word.fact.text.as_ref();
    table.append_row(params![
        installation,
        scope.application.as_deref(),
        scope.is_whole,
        name,
        row.word.fact.state.word(),
        text.map(|text| &**text),
        row.word.fact.number,
        row.number_before,
        row.from,
        row.until,
    ])
}

fn moment(microseconds: i64) -> Value {
    Value::Timestamp(TimeUnit::Microsecond, microseconds)
}
