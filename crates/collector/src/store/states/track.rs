//! The rows of one metric over the months.

use std::collections::HashMap;
use std::sync::Arc;

use super::OPEN;
use super::standing::{Word, advance};

/// What holds at the end of each month from `from` up to, and not including, `until`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What holds.
    pub word: Word,
    /// The key's number at the end of the month before `from`; none: the key had none then.
    pub number_before: Option<f64>,
    /// The first month.
    pub from: i32,
    /// The month after the last one; [`OPEN`]: it still holds.
    pub until: i32,
    /// Where the row is stored, as long as it is stored like this.
    pub stored: Option<i64>,
}

/// One metric's rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// Those that hold after the newest month, and those that ended with it: another report of that month may still change
    /// both.
    pub current: Vec<Row>,
    /// The others.
    pub closed: Vec<Row>,
}

impl Track {
    /// Takes in what a report of this month says. Reports come in order.
    pub fn hear(&mut self, month: i32, words: Vec<Word>) {
        self.close(month);
        let stood: Vec<&Word> =
            self.current.iter().filter(|row| row.until == OPEN).map(|row| &row.word).collect();
        if let Some(standing) = advance(&stood, words) {
            self.hold(month, standing);
        }
    }

    /// Moves what ended in an earlier month to the closed rows.
    fn close(&mut self, month: i32) {
        let is_past = |row: &mut Row| row.until < month;
        self.closed.extend(self.current.extract_if(.., is_past).map(|row| Row { stored: None, ..row }));
    }

    /// Lets this hold from `month` on.
    fn hold(&mut self, month: i32, standing: Vec<Word>) {
        let mut found = ByKey::of(std::mem::take(&mut self.current), month);
        for word in standing {
            let row = found.take(&word).map_or_else(|| found.new_row(word, month), |row| row.ending(OPEN));
            self.current.push(row);
        }
        self.current.extend(found.earlier().map(|row| row.ending(month)));
    }
}

impl Row {
    /// The same row with another end, which is not stored yet.
    fn ending(self, until: i32) -> Self {
        let stored = self.stored.filter(|_| self.until == until);
        Self { until, stored, ..self }
    }
}

/// Rows by key: those that held at the end of the month before, then those of the month itself.
struct ByKey {
    month: i32,
    rows: HashMap<Option<Arc<str>>, Vec<Option<Row>>>,
    numbers: HashMap<Option<Arc<str>>, f64>,
}

impl ByKey {
    fn of(mut rows: Vec<Row>, month: i32) -> Self {
        rows.sort_by_key(|row| row.from == month);
        let mut found = Self { month, rows: HashMap::with_capacity(rows.len()), numbers: HashMap::new() };
        for row in rows {
            if let Some(number) = row.word.fact.number.filter(|_| row.from < month) {
                found.numbers.insert(row.word.key.clone(), number);
            }
            found.rows.entry(row.word.key.clone()).or_default().push(Some(row));
        }
        found
    }

    /// A row that says this already.
    fn take(&mut self, word: &Word) -> Option<Row> {
        let rows = self.rows.get_mut(&word.key)?;
        let same = |row: &&mut Option<Row>| row.as_ref().is_some_and(|row| row.word.fact == word.fact);
        rows.iter_mut().find(same)?.take()
    }

    fn new_row(&self, word: Word, month: i32) -> Row {
        let number_before = self.numbers.get(&word.key).copied();
        Row { word, number_before, from: month, until: OPEN, stored: None }
    }

    /// What is left of the rows that held at the end of the month before.
    fn earlier(self) -> impl Iterator<Item = Row> {
        let month = self.month;
        self.rows.into_values().flatten().flatten().filter(move |row| row.from < month)
    }
}
