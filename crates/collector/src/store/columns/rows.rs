//! What a report becomes in the columns: a pure function of the report and its policy, so that a rebuild makes the same
//! rows again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use candor_policy::{
    Entry, Identifies, MetricType, OutcomeKind, Policy, Redacted, Report, SourceKind, Value,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::store::journal::JournalReport;
use crate::store::month::Month;
use crate::store::states::{Fact, Heard, Metric, Order, State, Word};

/// A row of `reports`.
pub(in crate::store) struct ReportRow {
    pub span: Span,
    pub report_id: String,
    pub policy_version: String,
    pub source: String,
    pub source_kind: &'static str,
    pub application: String,
    pub version: String,
    pub received_at: Timestamp,
    pub address: Option<String>,
}

/// What all rows of a report share.
#[derive(Clone)]
pub(in crate::store) struct Span {
    pub seq: i64,
    pub installation: i64,
    pub policy: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub month: Date,
}

/// A row of `facts`.
pub(in crate::store) struct FactRow {
    pub metric: Arc<str>,
    pub word: Word,
}

/// A row of `usage`.
pub(in crate::store) struct UsageRow {
    pub metric: String,
    pub dimensions: String,
    pub count: i64,
    pub errors: i64,
    pub durations: Option<String>,
}

/// A row of `flows`.
pub(in crate::store) struct FlowRow {
    pub metric: String,
    pub dimensions: String,
    pub step: String,
    pub step_index: i32,
    pub reached: i64,
    pub failed: i64,
}

/// A row of `outcomes`.
pub(in crate::store) struct OutcomeRow {
    pub metric: Option<String>,
    pub kind: &'static str,
    pub count: i64,
}

/// All rows of one report.
pub(in crate::store) struct Rows {
    pub report: ReportRow,
    pub facts: Vec<FactRow>,
    pub usage: Vec<UsageRow>,
    pub flows: Vec<FlowRow>,
    pub outcomes: Vec<OutcomeRow>,
    pub installation_name: String,
    pub customer: Option<String>,
    pub customer_name: Option<String>,
}

impl Rows {
    /// The rows of a report. It was admitted under `policy`, so what does not fit its types cannot be there.
    pub(in crate::store) fn of(held: &JournalReport, report: &Report, policy: &Policy) -> Self {
        let mut rows = Self {
            report: report_row(held, report, policy),
            facts: Vec::new(),
            usage: usage_rows(report),
            flows: flow_rows(report, policy),
            outcomes: outcome_rows(held),
            installation_name: held.installation_name.to_string(),
            customer: identity(report, policy, Identifies::Customer),
            customer_name: identity(report, policy, Identifies::CustomerName),
        };
        for (metric, value) in &report.facts {
            let kind = policy.metric(metric).map(|metric| &metric.kind);
            let facts = fact_rows(metric, kind, value);
            if facts.is_empty() {
                // Without a row of its own, what an older report said would go on as the newest word.
                rows.facts.push(FactRow::stated(metric, None, State::None, None));
            }
            rows.facts.extend(facts);
        }
        for metric in &report.withheld {
            let held = report.held.contains(metric).then_some("held");
            rows.facts.push(FactRow::stated(metric.as_str(), None, State::Withheld, held));
        }
        for missing in &report.not_measured {
            let (metric, key) = (missing.metric.as_str(), missing.key.as_deref());
            rows.facts.push(FactRow::stated(metric, key, State::NotMeasured, Some(missing.reason.word())));
        }
        rows
    }

    /// What the report says, as states are computed from it.
    pub(in crate::store) fn heard(&self) -> Heard {
        let ReportRow { span, application, version, .. } = &self.report;
        let policy: Arc<str> = span.policy.as_str().into();
        let mut words: BTreeMap<Metric, Vec<Word>> = BTreeMap::new();
        for fact in &self.facts {
            let metric = Metric { policy: policy.clone(), metric: fact.metric.clone() };
            words.entry(metric).or_default().push(fact.word.clone());
        }
        let order = Order {
            month: Month::of_day(span.month).number(),
            end: span.end.as_microsecond(),
            seq: span.seq,
        };
        Heard {
            order,
            application: application.as_str().into(),
            version: version.as_str().into(),
            policy,
            words,
        }
    }
}

impl FactRow {
    fn stated(metric: &str, key: Option<&str>, state: State, text: Option<&str>) -> Self {
        let fact = Fact { state, text: text.map(Arc::from), number: None };
        Self { metric: metric.into(), word: Word { key: key.map(Arc::from), fact } }
    }
}

fn report_row(held: &JournalReport, report: &Report, policy: &Policy) -> ReportRow {
    ReportRow {
        span: Span {
            seq: held.seq,
            installation: held.installation,
            policy: held.policy_id.to_string(),
            start: report.period.start,
            end: report.period.end,
            month: month_of(report.period.start, report.period.end),
        },
        report_id: held.report_id.to_string(),
        policy_version: report.policy.version.clone(),
        source: report.source.to_string(),
        source_kind: policy.source(report.source.as_str()).map_or("", |source| kind_word(source.kind)),
        application: report.application.clone(),
        version: report.version.clone(),
        received_at: held.received_at,
        address: held.address.clone(),
    }
}

/// The month that a period belongs to. A period's end does not belong to it, so January's usage, which ends with
/// February's first moment, is January's.
fn month_of(start: Timestamp, end: Timestamp) -> Date {
    let last =
        if end > start { Timestamp::from_microsecond(end.as_microsecond() - 1).unwrap_or(end) } else { end };
    last.to_zoned(TimeZone::UTC).date().first_of_month()
}

fn kind_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Installer => "installer",
        SourceKind::Utility => "utility",
        SourceKind::Batch => "batch",
        SourceKind::App => "app",
    }
}

fn fact_rows(metric: &str, kind: Option<&MetricType>, value: &Value) -> Vec<FactRow> {
    let metric: Arc<str> = metric.into();
    let row = |key: Option<&str>, entry: &Entry, with_text: bool| FactRow {
        metric: metric.clone(),
        word: Word { key: key.map(Arc::from), fact: fact(entry, with_text) },
    };
    let single = |entry: Entry| vec![row(None, &entry, true)];
    match value {
        Value::Flag(flag) => single(Entry::Flag(*flag)),
        Value::Integer(number) => single(Entry::Integer(*number)),
        Value::Decimal(number) => single(Entry::Decimal(*number)),
        Value::Text(text) => single(Entry::Text(text.clone())),
        Value::Keyed(entries) => {
            // A setting is shown as it was set, so it has its text; a count is only ever added up.
            let with_text = !matches!(kind, Some(MetricType::Count { .. }));
            entries.iter().map(|(key, entry)| row(Some(key), entry, with_text)).collect()
        }
        Value::Rows(rows) => {
            let columns: &[String] = match kind {
                Some(MetricType::Devices { columns }) => columns,
                _ => &[],
            };
            let word = |row| FactRow { metric: metric.clone(), word: device(columns, row) };
            rows.iter().map(word).collect()
        }
        Value::Unreadable => Vec::new(),
    }
}

fn fact(entry: &Entry, with_text: bool) -> Fact {
    let shown = |number: &dyn ToString| with_text.then(|| number.to_string());
    let (state, text, number) = match entry {
        Entry::Unset | Entry::Unreadable => (State::Unset, None, None),
        Entry::Flag(flag) => (State::Value, Some(flag.to_string()), Some(f64::from(u8::from(*flag)))),
        Entry::Integer(number) => (State::Value, shown(number), Some(*number as f64)),
        Entry::Decimal(number) => (State::Value, shown(number), Some(*number)),
        Entry::Text(text) => (State::Value, Some(text.clone()), None),
        Entry::Redacted(Redacted::InUse) => (State::InUse, None, None),
        Entry::Redacted(Redacted::Hash(hash)) => (State::Hash, Some(hash.clone()), None),
        Entry::Redacted(Redacted::Bucket(bucket)) => (State::Bucket, Some(bucket.clone()), None),
    };
    Fact { state, text: text.map(Arc::from), number }
}

/// One kind of device: keyed by its columns' values, counted.
fn device(columns: &[String], row: &BTreeMap<String, Entry>) -> Word {
    let cell = |column: &String| match row.get(column) {
        Some(Entry::Text(text)) => text.clone(),
        Some(Entry::Redacted(_)) => "in use".to_owned(),
        _ => String::new(),
    };
    let number = match row.get("count") {
        Some(Entry::Integer(count)) => Some(*count as f64),
        _ => None,
    };
    Word {
        key: Some(columns.iter().map(cell).collect::<Vec<_>>().join(" | ").into()),
        // Text keys and scalar values: writing them to memory cannot fail.
        fact: Fact { state: State::Value, text: serde_json::to_string(row).ok().map(Arc::from), number },
    }
}

fn usage_rows(report: &Report) -> Vec<UsageRow> {
    report
        .usage
        .iter()
        .map(|usage| UsageRow {
            metric: usage.metric.clone(),
            dimensions: json_of(&usage.dimensions),
            count: signed(usage.count),
            errors: signed(usage.errors),
            durations: usage.durations.as_ref().and_then(|durations| serde_json::to_string(durations).ok()),
        })
        .collect()
}

fn flow_rows(report: &Report, policy: &Policy) -> Vec<FlowRow> {
    let mut rows = Vec::new();
    for flow in &report.flows {
        let steps: HashMap<&str, i32> = match policy.metric(&flow.metric).map(|metric| &metric.kind) {
            Some(MetricType::Flow { steps, .. }) => steps.iter().map(String::as_str).zip(0..).collect(),
            _ => HashMap::new(),
        };
        rows.extend(flow.steps.iter().map(|step| FlowRow {
            metric: flow.metric.clone(),
            dimensions: json_of(&flow.dimensions),
            step: step.step.clone(),
            step_index: steps.get(step.step.as_str()).copied().unwrap_or_default(),
            reached: signed(step.reached),
            failed: signed(step.failed),
        }));
    }
    rows
}

fn outcome_rows(held: &JournalReport) -> Vec<OutcomeRow> {
    let accepted =
        OutcomeRow { metric: None, kind: OutcomeKind::Accepted.word(), count: signed(held.accepted) };
    let others = held.outcomes.iter().map(|outcome| OutcomeRow {
        metric: outcome.metric.as_ref().map(ToString::to_string),
        kind: outcome.kind.word(),
        count: signed(outcome.count),
    });
    std::iter::once(accepted).chain(others).collect()
}

/// What a report says of the customer.
fn identity(report: &Report, policy: &Policy, whom: Identifies) -> Option<String> {
    let named = |metric: &&candor_policy::Metric| matches!(metric.kind, MetricType::Identity(identifies) if identifies == whom);
    policy.metrics.iter().filter(named).find_map(|metric| match report.facts.get(metric.id.as_str()) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    })
}

fn json_of(dimensions: &BTreeMap<String, String>) -> String {
    // Text by text: writing it to memory cannot fail.
    serde_json::to_string(dimensions).unwrap_or_default()
}

/// DuckDB's integers are signed; a count beyond them is as good as the largest.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_belongs_to_the_month_of_its_last_moment() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let january = jiff::civil::date(2026, 1, 1);
        assert_eq!(month_of(at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z")), january);
        assert_eq!(month_of(at("2026-01-31T12:00:00Z"), at("2026-01-31T12:00:00Z")), january);
        let first = at("2026-01-01T00:00:00Z");
        assert_eq!(month_of(first, first), january);
    }

    #[test]
    fn every_state_of_a_setting_stays_distinct() {
        let entries = [
            ("a", Entry::Unset),
            ("b", Entry::Text(String::new())),
            ("c", Entry::Redacted(Redacted::InUse)),
            ("d", Entry::Redacted(Redacted::Bucket("10-99".into()))),
            ("e", Entry::Integer(7)),
        ];
        let value = Value::Keyed(entries.into_iter().map(|(key, entry)| (key.to_owned(), entry)).collect());
        let states: Vec<_> = fact_rows("settings", None, &value)
            .into_iter()
            .map(|row| row.word.fact)
            .map(|fact| (fact.state, fact.text.map(|text| text.to_string()), fact.number))
            .collect();
        assert_eq!(
            states,
            [
                (State::Unset, None, None),
                (State::Value, Some(String::new()), None),
                (State::InUse, None, None),
                (State::Bucket, Some("10-99".into()), None),
                (State::Value, Some("7".into()), Some(7.0)),
            ]
        );
    }
}
