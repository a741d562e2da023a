//! What is computed report by report is what a slow, plain computation says month by month, in whatever order reports arrive.

mod model;
mod plain;

use std::collections::BTreeMap;

use model::{APPLICATIONS, INSTALLATIONS, METRICS, MONTHS};
pub(in crate::store) use model::{Said, journal};
use proptest::prelude::*;

use super::{Fact, Heard, History, Metric, Order, Word};

pub(in crate::store) const POLICY: &str = "p";

/// A row of states, wherever it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct StateRow {
    pub installation: i64,
    pub application: Option<String>,
    pub is_whole: bool,
    pub metric: String,
    pub saying: (Option<String>, String, Option<String>, Option<i64>),
    pub number_before: Option<i64>,
    pub from: i32,
    pub until: i32,
}

/// A row of headers or of runs.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct PresenceRow {
    pub installation: i64,
    pub application: Option<String>,
    pub is_whole: bool,
    pub version: Option<String>,
    pub end: i64,
    pub from: i32,
    pub until: i32,
}

/// All that is held.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::store) struct Held {
    pub states: Vec<StateRow>,
    pub headers: Vec<PresenceRow>,
    pub runs: Vec<PresenceRow>,
}

impl Held {
    /// Fails where it is not what the reports come to.
    pub(in crate::store) fn check(&self, said: &[Said]) {
        let applications = std::iter::once(None).chain(APPLICATIONS.map(Some));
        for application in applications {
            for installation in INSTALLATIONS {
                let said: Vec<&Said> = said
                    .iter()
                    .filter(|said| said.installation == installation)
                    .filter(|said| application.is_none_or(|application| said.application == application))
                    .collect();
                for month in MONTHS {
                    self.check_presence(&said, installation, application, month);
                    for metric in METRICS {
                        self.check_metric(&said, installation, application, metric, month);
                    }
                }
            }
        }
        self.check_is_merged();
    }

    fn check_metric(
        &self,
        said: &[&Said],
        installation: i64,
        application: Option<&str>,
        metric: &str,
        month: i32,
    ) {
        let rows: Vec<&StateRow> = self
            .states
            .iter()
            .filter(|row| row.installation == installation && row.metric == metric)
            .filter(|row| is_of(&row.application, row.is_whole, application))
            .filter(|row| row.from <= month && month < row.until)
            .collect();
        let mut held: Vec<_> = rows.iter().map(|row| row.saying.clone()).collect();
        held.sort();
        assert_eq!(
            held,
            plain::standing(said, metric, month),
            "{metric} of {application:?} at {installation} in {month}"
        );
        let before = plain::standing(said, metric, month - 1);
        for row in rows.iter().filter(|row| row.from == month) {
            let number = before.iter().find(|saying| saying.0 == row.saying.0).and_then(|saying| saying.3);
            assert_eq!(row.number_before, number, "{row:?}");
        }
    }

    fn check_presence(&self, said: &[&Said], installation: i64, application: Option<&str>, month: i32) {
        let at_month = |rows: &[PresenceRow]| -> Vec<(Option<String>, i64)> {
            rows.iter()
                .filter(|row| row.installation == installation)
                .filter(|row| is_of(&row.application, row.is_whole, application))
                .filter(|row| row.from <= month && month < row.until)
                .map(|row| (row.version.clone(), row.end))
                .collect()
        };
        let newest = plain::newest(said, month);
        let expected: Vec<_> =
            newest.iter().map(|said| (Some(said.version.to_owned()), said.end())).collect();
        assert_eq!(at_month(&self.headers), expected, "header of {application:?} in {month}");
        let is_heard = newest.is_some_and(|newest| plain::is_heard_at(newest, month));
        assert_eq!(at_month(&self.runs).len(), usize::from(is_heard), "{application:?} heard in {month}");
    }

    /// No row begins where one that says the same ends.
    fn check_is_merged(&self) {
        for row in &self.states {
            let same = |other: &&StateRow| {
                let of = |row: &StateRow| {
                    (row.installation, row.application.clone(), row.metric.clone(), row.saying.clone())
                };
                of(other) == of(row) && other.is_whole == row.is_whole && other.until == row.from
            };
            assert_eq!(self.states.iter().find(same), None, "{row:?}");
        }
    }
}

fn is_of(held: &Option<String>, is_whole: bool, asked: Option<&str>) -> bool {
    asked.map_or(is_whole, |asked| held.as_deref() == Some(asked))
}

fn heard(said: &Said) -> Heard {
    let mut words = BTreeMap::new();
    for (metric, sayings) in &said.metrics {
        let metric = Metric { policy: POLICY.into(), metric: (*metric).into() };
        let word = |saying: &model::Saying| Word {
            key: saying.key.map(Into::into),
            fact: Fact {
                state: saying.state,
                text: saying.text.map(Into::into),
                number: saying.number.map(|number| number as f64),
            },
        };
        words.insert(metric, sayings.iter().map(word).collect());
    }
    Heard {
        order: Order { month: said.month(), end: said.end(), seq: said.seq },
        application: said.application.into(),
        version: said.version.into(),
        policy: POLICY.into(),
        words,
    }
}

fn held(histories: &BTreeMap<i64, History>) -> Held {
    let mut held = Held::default();
    for (installation, history) in histories {
        for (metric, scopes) in &history.tracks {
            for (scope, track) in scopes {
                held.states.extend(track.closed.iter().chain(&track.current).map(|row| StateRow {
                    installation: *installation,
                    application: scope.application.as_ref().map(ToString::to_string),
                    is_whole: scope.is_whole,
                    metric: metric.metric.to_string(),
                    saying: (
                        row.word.key.as_ref().map(ToString::to_string),
                        row.word.fact.state.word().to_owned(),
                        row.word.fact.text.as_ref().map(ToString::to_string),
                        row.word.fact.number.map(|number| number as i64),
                    ),
                    number_before: row.number_before.map(|number| number as i64),
                    from: row.from,
                    until: row.until,
                }));
            }
        }
        for (scope, presence) in &history.presences {
            let row = |version: Option<String>, end: i64, from: i32, until: i32| PresenceRow {
                installation: *installation,
                application: scope.application.as_ref().map(ToString::to_string),
                is_whole: scope.is_whole,
                version,
                end,
                from,
                until,
            };
            let headers = presence.closed.iter().chain(&presence.open);
            held.headers.extend(
                headers.map(|header| {
                    row(Some(header.version.to_string()), header.end, header.from, header.until)
                }),
            );
            held.runs.extend(presence.runs.iter().map(|run| row(None, run.last_end, run.from, run.until)));
        }
    }
    held
}

/// Takes reports in as they arrive, and starts an installation over where it has to.
fn arrived(said: &[Said]) -> BTreeMap<i64, History> {
    let mut histories: BTreeMap<i64, History> = BTreeMap::new();
    for (place, one) in said.iter().enumerate() {
        let history = histories.entry(one.installation).or_default();
        if history.hear(heard(one)).is_err() {
            let earlier = said[..=place].iter().filter(|other| other.installation == one.installation);
            *history = History::of(earlier.map(heard).collect());
        }
    }
    histories
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_order_of_arrival_comes_to_what_the_plain_computation_says(said in journal()) {
        held(&arrived(&said)).check(&said);
    }

    #[test]
    fn starting_over_comes_to_the_same(said in journal()) {
        let of = |installation: i64| said.iter().filter(move |said| said.installation == installation);
        let over: BTreeMap<i64, History> =
            INSTALLATIONS.map(|installation| (installation, History::of(of(installation).map(heard).collect()))).into();
        held(&over).check(&said);
    }
}
