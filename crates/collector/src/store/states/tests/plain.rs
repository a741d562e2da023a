//! The slow, plain computation: each month from the beginning.

use jiff::{Timestamp, ToSpan};

use super::model::{Said, Saying};
use crate::store::month::Month;
use crate::store::states::State;

type Row = (Option<String>, String, Option<String>, Option<i64>);

/// The newest report up to a month's end.
pub(super) fn newest<'s>(said: &[&'s Said], month: i32) -> Option<&'s Said> {
    until(said, month).last().copied()
}

/// Whether the month's end is no more than 90 days after the report's.
pub(super) fn is_heard_at(newest: &Said, month: i32) -> bool {
    let month_end: Timestamp = Month::from_number(month + 1).start();
    month_end - (90 * 24).hours() <= newest.end
}

/// What stands of a metric at a month's end.
pub(super) fn standing(said: &[&Said], metric: &str, month: i32) -> Vec<Row> {
    let spoken: Vec<&[Saying]> =
        until(said, month).iter().filter_map(|said| said.metrics.get(metric).map(Vec::as_slice)).collect();
    let mut counting: Vec<&[Saying]> = Vec::new();
    for sayings in spoken {
        let is_known = counting.last().is_some_and(|last| last.iter().any(says));
        let only_missed = sayings.iter().all(|saying| saying.state == State::NotMeasured);
        if !(only_missed && is_known) {
            counting.push(sayings);
        }
    }
    let mut rows: Vec<Row> = after(&counting)
        .into_iter()
        .map(|saying| {
            let text = |text: &str| text.to_owned();
            (saying.key.map(text), saying.state.word().to_owned(), saying.text.map(text), saying.number)
        })
        .collect();
    rows.sort();
    rows
}

fn until<'s>(said: &[&'s Said], month: i32) -> Vec<&'s Said> {
    let mut until: Vec<&Said> = said.iter().copied().filter(|said| said.month() <= month).collect();
    until.sort_by_key(|said| (said.month(), said.end, said.seq));
    until
}

fn says(saying: &Saying) -> bool {
    !matches!(saying.state, State::Withheld | State::NotMeasured)
}

/// What stands after the last of these reports, all of which count.
fn after(counting: &[&[Saying]]) -> Vec<Saying> {
    let Some((last, earlier)) = counting.split_last() else { return Vec::new() };
    if !last.iter().any(says) {
        return last.to_vec();
    }
    let mut standing: Vec<Saying> = Vec::new();
    for before in after(earlier).iter().filter(|before| says(before) && before.key.is_some()) {
        if last.iter().any(|missed| missed.state == State::NotMeasured && is_missed(before, missed, last)) {
            standing.push(before.clone());
        }
    }
    let is_kept = |saying: &Saying| standing.iter().any(|kept| kept.key == saying.key);
    let new: Vec<Saying> = last.iter().filter(|saying| says(saying) || !is_kept(saying)).cloned().collect();
    standing.extend(new);
    standing
}

/// Whether the key that was known before lies in what is missed, and the report says nothing of that.
fn is_missed(before: &Saying, missed: &Saying, report: &[Saying]) -> bool {
    let parts = |key: &str| -> Vec<String> { key.split('.').map(str::to_lowercase).collect() };
    let key = parts(before.key.unwrap());
    let table = missed.key.map_or_else(|| vec![key[0].clone()], parts);
    let lies_in_table = |key: &str| parts(key).starts_with(&table);
    key.starts_with(&table)
        && !report.iter().filter(|saying| says(saying)).filter_map(|saying| saying.key).any(lies_in_table)
}
