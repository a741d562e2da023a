//! Whether a value fits its metric: type, bounds, declared columns, dimensions and steps. It changes nothing; what does not
//! fit is dropped by the caller.

use std::collections::BTreeMap;

use super::Dropped;
use super::header::is_version;
use crate::identity_text::{self, IdentityFault};
use crate::limits::{HISTOGRAM_BUCKETS, NUMBER_MOST, TEXT_LENGTH};
use crate::{
    Dimension, Entry, Flow, Histogram, Identifies, Metric, MetricType, OutcomeKind, Redacted, TextRule,
    Usage, Value,
};

/// Holds a single value against its type.
pub(super) fn scalar(kind: &MetricType, value: &Value) -> Result<(), Dropped> {
    match (kind, value) {
        (MetricType::Version, Value::Text(text)) => allowed(is_version(text)),
        (MetricType::Text(rule), Value::Text(text)) => text_allowed(rule, text),
        (MetricType::Flag, Value::Flag(_)) => Ok(()),
        (MetricType::Number { minimum, maximum, .. }, Value::Integer(number)) => {
            number_allowed(*number as f64, *minimum, *maximum)
        }
        (MetricType::Number { minimum, maximum, .. }, Value::Decimal(number)) => {
            number_allowed(*number, *minimum, *maximum)
        }
        (MetricType::Identity(Identifies::User), Value::Text(text)) => allowed(is_pseudonym(text)),
        (MetricType::Identity(Identifies::Customer | Identifies::CustomerName), Value::Text(text)) => {
            identity_text::check(text).map_err(|fault| match fault {
                IdentityFault::Form => OutcomeKind::NotAllowed,
                IdentityFault::Invisible(_) | IdentityFault::LookAlike(..) | IdentityFault::NotComposed => {
                    OutcomeKind::LookAlike
                }
            })
        }
        (
            MetricType::Version
            | MetricType::Text(_)
            | MetricType::Flag
            | MetricType::Number { .. }
            | MetricType::Count { .. }
            | MetricType::Setting { .. }
            | MetricType::Devices { .. }
            | MetricType::Usage { .. }
            | MetricType::Flow { .. }
            | MetricType::Identity(_)
            | MetricType::Transport(_),
            _,
        ) => Err(OutcomeKind::WrongType),
    }
}

/// Where the policy sets no bound, the general one holds.
fn number_allowed(number: f64, minimum: Option<f64>, maximum: Option<f64>) -> Result<(), Dropped> {
    let most = NUMBER_MOST as f64;
    allowed(number >= minimum.unwrap_or(-most) && number <= maximum.unwrap_or(most) && number.is_finite())
}

fn count_allowed(number: u64) -> Result<(), Dropped> {
    if number <= NUMBER_MOST { Ok(()) } else { Err(OutcomeKind::TooLarge) }
}

fn allowed(holds: bool) -> Result<(), Dropped> {
    if holds { Ok(()) } else { Err(OutcomeKind::NotAllowed) }
}

/// A keyed pseudonym: an HMAC-SHA-256 in hexadecimal.
fn is_pseudonym(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn text_allowed(rule: &TextRule, text: &str) -> Result<(), Dropped> {
    match rule {
        TextRule::OneOf(values) => allowed(values.iter().any(|value| value == text)),
        TextRule::Pattern { longest, .. } if text.len() > *longest => Err(OutcomeKind::TooLarge),
        TextRule::Pattern { pattern, .. } => allowed(pattern.is_match(text)),
    }
}

/// A device row holds the declared columns as text, or as "in use", and `count`.
pub(super) fn device_row(columns: &[String], row: &BTreeMap<String, Entry>) -> Result<(), Dropped> {
    match row.get("count") {
        Some(Entry::Integer(count @ 1..)) => count_allowed(count.unsigned_abs())?,
        _ => return Err(OutcomeKind::WrongType),
    }
    for (name, cell) in row.iter().filter(|(name, _)| *name != "count") {
        if !columns.contains(name) {
            return Err(OutcomeKind::Undeclared);
        }
        match cell {
            Entry::Unset | Entry::Redacted(Redacted::InUse) => {}
            Entry::Text(text) if text.len() > TEXT_LENGTH => return Err(OutcomeKind::TooLarge),
            Entry::Text(text) if !text.chars().any(char::is_control) => {}
            Entry::Flag(_)
            | Entry::Integer(_)
            | Entry::Decimal(_)
            | Entry::Text(_)
            | Entry::Redacted(Redacted::Hash(_) | Redacted::Bucket(_))
            | Entry::Unreadable => return Err(OutcomeKind::WrongType),
        }
    }
    Ok(())
}

fn dimensions_allowed(declared: &[Dimension], given: &BTreeMap<String, String>) -> Result<(), Dropped> {
    for (name, value) in given {
        let dimension =
            declared.iter().find(|dimension| dimension.name == *name).ok_or(OutcomeKind::Undeclared)?;
        text_allowed(&dimension.values, value)?;
    }
    Ok(())
}

pub(super) fn usage_row(metric: &Metric, row: &Usage) -> Result<(), Dropped> {
    let MetricType::Usage { dimensions } = &metric.kind else { return Err(OutcomeKind::WrongType) };
    dimensions_allowed(dimensions, &row.dimensions)?;
    if row.durations.as_ref().is_some_and(|histogram| histogram.buckets.len() > HISTOGRAM_BUCKETS) {
        return Err(OutcomeKind::TooLarge);
    }
    count_allowed(row.count)?;
    let durations = row.durations.as_ref().map_or(0, Histogram::count);
    allowed(row.count > 0 && row.errors <= row.count && durations <= row.count)
}

pub(super) fn flow_row(metric: &Metric, row: &Flow) -> Result<(), Dropped> {
    let MetricType::Flow { steps, dimensions } = &metric.kind else { return Err(OutcomeKind::WrongType) };
    dimensions_allowed(dimensions, &row.dimensions)?;
    if row.steps.iter().any(|step| !steps.contains(&step.step)) {
        return Err(OutcomeKind::Undeclared);
    }
    if row.steps.len() > steps.len() {
        return Err(OutcomeKind::NotAllowed);
    }
    row.steps.iter().try_for_each(|step| count_allowed(step.reached))?;
    let is_first = |at: usize| row.steps[..at].iter().all(|earlier| earlier.step != row.steps[at].step);
    allowed((0..row.steps.len()).all(|at| is_first(at) && row.steps[at].failed <= row.steps[at].reached))
}
