//! What stands of a metric after a report.
//!
//! A report that says something replaces all that stood, but for what it could not measure. One that withholds the metric
//! replaces all. One that could measure nothing of it takes no value away: it counts only where none stands.

use std::collections::HashSet;
use std::sync::Arc;

/// What a fact says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It has a value.
    Value,
    /// It has none.
    Unset,
    /// It has one, which did not leave the site.
    InUse,
    /// The value's hash.
    Hash,
    /// The range that the value lies in.
    Bucket,
    /// The report says that there is nothing: no table, no device.
    None,
    /// The customer's own rule left it out.
    Withheld,
    /// It could not be measured.
    NotMeasured,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Value,
        Self::Unset,
        Self::InUse,
        Self::Hash,
        Self::Bucket,
        Self::None,
        Self::Withheld,
        Self::NotMeasured,
    ];

    /// As the columns hold it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Unset => "unset",
            Self::InUse => "in-use",
            Self::Hash => "hash",
            Self::Bucket => "bucket",
            Self::None => "none",
            Self::Withheld => "withheld",
            Self::NotMeasured => "not-measured",
        }
    }

    /// The state of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether it says something of the metric.
    pub fn is_said(self) -> bool {
        !matches!(self, Self::Withheld | Self::NotMeasured)
    }
}

/// What is said of a metric, or of a key of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Which of the fields below say what.
    pub state: State,
    /// The value as text; of what is withheld or was not measured, why.
    pub text: Option<Arc<str>>,
    /// The value as a number.
    pub number: Option<f64>,
}

/// A fact and what it speaks of.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The key; none: the whole metric.
    pub key: Option<Arc<str>>,
    /// What is said of it.
    pub fact: Fact,
}

/// What stands after a report that says `words` of the metric, where `stood` stood before; none where the report does not
/// count.
pub fn advance(stood: &[&Word], words: Vec<Word>) -> Option<Vec<Word>> {
    if words.iter().any(|word| word.fact.state.is_said()) {
        return Some(completed(stood, words));
    }
    let withholds = words.iter().any(|word| word.fact.state == State::Withheld);
    let is_known = stood.iter().any(|word| word.fact.state.is_said());
    (withholds || !is_known).then_some(words)
}

/// A report's words, and of the keys that it could not measure what stood before.
fn completed(stood: &[&Word], words: Vec<Word>) -> Vec<Word> {
    if words.iter().all(|word| word.fact.state != State::NotMeasured) {
        return words;
    }
    let gaps = Gaps::of(&words);
    let kept: Vec<Word> = stood.iter().filter(|word| gaps.cover(word)).map(|word| (*word).clone()).collect();
    let keys: HashSet<Option<&str>> = kept.iter().map(|word| word.key.as_deref()).collect();
    let mut standing = words;
    standing.retain(|word| word.fact.state != State::NotMeasured || !keys.contains(&word.key.as_deref()));
    standing.extend(kept);
    standing
}

/// What a report could not measure. A missed key stands for itself and, where it is a table, for all that is in it; a missed
/// metric stands for every table. A table of which the report says anything was read, and what is not in it is gone.
struct Gaps {
    missed: Vec<String>,
    misses_all: bool,
    said: Vec<String>,
}

impl Gaps {
    fn of(words: &[Word]) -> Self {
        let lower = |state: fn(State) -> bool| -> Vec<String> {
            let of_state = words.iter().filter(|word| state(word.fact.state));
            of_state.filter_map(|word| Some(word.key.as_ref()?.to_lowercase())).collect()
        };
        let said = lower(State::is_said);
        let mut missed = lower(|state| state == State::NotMeasured);
        missed.retain(|table| !said.iter().any(|key| is_in(key, table)));
        let misses_all = words.iter().any(|word| word.fact.state == State::NotMeasured && word.key.is_none());
        Self { missed, misses_all, said }
    }

    fn cover(&self, word: &Word) -> bool {
        let Some(key) = word.key.as_ref().filter(|_| word.fact.state.is_said()) else { return false };
        let key = key.to_lowercase();
        let table = key.split('.').next().unwrap_or_default();
        self.missed.iter().any(|missed| is_in(&key, missed))
            || self.misses_all && !self.said.iter().any(|said| is_in(said, table))
    }
}

/// Whether a key is this table or lies in it.
fn is_in(key: &str, table: &str) -> bool {
    key.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
