//! Random journals: what installations say, in the order in which it arrives.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::store::month::Month;
use crate::store::states::State;

pub(super) const INSTALLATIONS: [i64; 2] = [1, 2];
pub(super) const APPLICATIONS: [&str; 3] = ["Web", "Batch", "Mobile"];
pub(super) const METRICS: [&str; 3] = ["record_counts", "options", "os_version"];
/// From before the first report until after the last one has fallen silent.
pub(super) const MONTHS: Range<i32> = 2024 * 12 + 10..2026 * 12 + 10;

/// A report.
#[derive(Clone, Debug)]
pub(in crate::store) struct Said {
    pub seq: i64,
    pub installation: i64,
    pub application: &'static str,
    pub version: &'static str,
    pub start: Timestamp,
    pub end: Timestamp,
    pub metrics: BTreeMap<&'static str, Vec<Saying>>,
}

/// What it says of a metric, or of a key.
#[derive(Clone, Debug)]
pub(in crate::store) struct Saying {
    pub key: Option<&'static str>,
    pub state: State,
    pub text: Option<&'static str>,
    pub number: Option<i64>,
}

impl Said {
    pub(super) fn end(&self) -> i64 {
        self.end.as_microsecond()
    }

    /// The month of the period's last moment.
    pub(super) fn month(&self) -> i32 {
        let is_span = self.start < self.end;
        Month::of(if is_span { self.end - 1.microsecond() } else { self.end }).number()
    }
}

/// Up to 24 reports of two installations and three applications.
pub(in crate::store) fn journal() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec(report(), 1..24).prop_map(|mut said| {
        said.iter_mut().zip(1..).for_each(|(said, seq)| said.seq = seq);
        said
    })
}

fn report() -> impl Strategy<Value = Said> {
    let header = (select(&INSTALLATIONS[..]), select(&APPLICATIONS[..]), select(&["1.0", "2.0"][..]));
    let metrics = (
        prop::option::weighted(0.8, keyed(&["ORDERS", "Assets", "assets.old", "ASSETS.X.Y"], None)),
        prop::option::weighted(0.6, keyed(&["SYS.A", "Sys.B", "OTHER.A"], Some(&["fast", "slow"]))),
        prop::option::weighted(0.4, scalar()),
    );
    (header, end(), any::<bool>(), metrics).prop_map(|(header, end, is_span, metrics)| {
        let metrics = METRICS.into_iter().zip([metrics.0, metrics.1, metrics.2]);
        Said {
            seq: 0,
            installation: header.0,
            application: header.1,
            version: header.2,
            start: if is_span { end - (24 * 28).hours() } else { end },
            end,
            metrics: metrics.filter_map(|(metric, sayings)| Some((metric, sayings?))).collect(),
        }
    })
}

/// Few days, so that months are shared and ties happen; now and then one far from the others.
fn end() -> impl Strategy<Value = Timestamp> {
    let month = prop_oneof![4 => 0..5_i8, 1 => 5..12_i8];
    (month, select(&[1_i8, 2, 15, 28][..]))
        .prop_map(|(month, day)| date(2025, 1 + month, day).to_zoned(TimeZone::UTC).unwrap().timestamp())
}

fn keyed(
    keys: &'static [&'static str],
    texts: Option<&'static [&'static str]>,
) -> impl Strategy<Value = Vec<Saying>> {
    let missable = &["orders", "ASSETS", "assets.x", "sys", "SYS.A"][..];
    let missed = || {
        let missed = subsequence(missable, 0..=2);
        (missed, prop::bool::weighted(0.2)).prop_map(|(mut keys, all)| {
            let all = all.then_some(None);
            keys.drain(..).map(Some).chain(all).map(missing).collect::<Vec<_>>()
        })
    };
    let values = (subsequence(keys, 0..=keys.len()), prop::collection::vec(0..3_usize, keys.len()));
    let said = (values, missed()).prop_map(move |((keys, values), missed)| {
        let value = |(key, value): (&'static str, usize)| match texts {
            None => Saying { number: Some(value as i64), ..saying(Some(key), State::Value) },
            Some(texts) => match texts.get(value) {
                Some(text) => Saying { text: Some(*text), ..saying(Some(key), State::Value) },
                None => saying(Some(key), State::Unset),
            },
        };
        let none = keys.is_empty().then(|| saying(None, State::None));
        none.into_iter().chain(keys.into_iter().zip(values).map(value)).chain(missed).collect::<Vec<_>>()
    });
    let only_missed = missed().prop_filter("says nothing", |missed: &Vec<Saying>| !missed.is_empty());
    prop_oneof![6 => said, 1 => only_missed, 1 => Just(vec![saying(None, State::Withheld)])]
}

fn scalar() -> impl Strategy<Value = Vec<Saying>> {
    let text = select(&["Windows", "Linux"][..])
        .prop_map(|text| Saying { text: Some(text), ..saying(None, State::Value) });
    prop_oneof![3 => text, 1 => Just(saying(None, State::Withheld)), 1 => Just(missing(None))]
        .prop_map(|saying| vec![saying])
}

fn missing(key: Option<&'static str>) -> Saying {
    Saying { text: Some("locked"), ..saying(key, State::NotMeasured) }
}

fn saying(key: Option<&'static str>, state: State) -> Saying {
    Saying { key, state, text: None, number: None }
}
