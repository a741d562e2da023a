//! A report that is larger than one may be loses the last entries of its largest values, by name, and the rest stays.

use std::collections::BTreeMap;

use super::Admission;
use crate::limits::REPORT_BYTES;
use crate::{Entry, Metric, NotMeasured, OutcomeKind, Reason, Report, Value};

/// Quotation marks, colon and comma of a member of a JSON object.
const MEMBER_SIGNS: usize = 4;

impl Admission<'_> {
    /// Leaves out what is over the limit. Each metric that lost something is named as not measured in part.
    pub(super) fn fit(&mut self, report: &mut Report) -> Vec<u8> {
        loop {
            let body = report.to_bytes();
            let excess = body.len().saturating_sub(REPORT_BYTES);
            if excess == 0 || !self.shorten(report, excess) {
                return body;
            }
        }
    }

    /// Takes at least so many bytes out of the largest value; whether there was anything to take.
    fn shorten(&mut self, report: &mut Report, excess: usize) -> bool {
        let sizes = report.facts.iter().map(|(name, value)| (json_bytes(value), name.clone()));
        let row_bytes = json_bytes(&report.usage).max(json_bytes(&report.flows));
        let Some((_, name)) = sizes.max().filter(|(bytes, _)| *bytes >= row_bytes) else {
            return self.shorten_rows(report, excess) || self.shorten_missing(report, excess);
        };
        let (Some(metric), Some(value)) = (self.policy.metric(&name), report.facts.get_mut(&name)) else {
            return false;
        };
        let note = NotMeasured { metric: metric.id.clone(), key: None, reason: Reason::TooLarge };
        // The note takes room as well.
        let excess = excess + json_bytes(&note);
        let is_empty = match value {
            Value::Keyed(entries) => self.drop_last_entries(metric, entries, excess),
            Value::Rows(rows) => {
                let mut taken = 0;
                while taken < excess
                    && let Some(row) = rows.pop()
                {
                    taken += json_bytes(&row) + 1;
                    self.drop_accepted(metric, None);
                }
                rows.is_empty()
            }
            Value::Flag(_) | Value::Integer(_) | Value::Decimal(_) | Value::Text(_) | Value::Unreadable => {
                self.drop_accepted(metric, None);
                true
            }
        };
        if is_empty {
            report.facts.remove(&name);
        }
        if !report.not_measured.contains(&note) {
            report.not_measured.push(note);
            report.not_measured.sort();
        }
        true
    }

    fn drop_last_entries(
        &mut self,
        metric: &Metric,
        entries: &mut BTreeMap<String, Entry>,
        excess: usize,
    ) -> bool {
        let mut taken = 0;
        while taken < excess
            && let Some((key, entry)) = entries.pop_last()
        {
            taken += json_bytes(&key) + json_bytes(&entry) + MEMBER_SIGNS - 2;
            self.drop_accepted(metric, Some(&key));
        }
        entries.is_empty()
    }

    /// Takes the last rows of usage or of flows, whichever are larger.
    fn shorten_rows(&mut self, report: &mut Report, excess: usize) -> bool {
        let are_flows = json_bytes(&report.flows) > json_bytes(&report.usage);
        let mut pop = || {
            if are_flows {
                report.flows.pop().map(|row| (json_bytes(&row), row.metric))
            } else {
                report.usage.pop().map(|row| (json_bytes(&row), row.metric))
            }
        };
        let mut taken = 0;
        while taken < excess
            && let Some((bytes, name)) = pop()
        {
            taken += bytes + 1;
            if let Some(metric) = self.policy.metric(&name) {
                self.drop_accepted(metric, None);
            }
        }
        taken > 0
    }

    /// Takes the last names of what was not measured, once there is nothing else to take.
    fn shorten_missing(&mut self, report: &mut Report, excess: usize) -> bool {
        let mut taken = 0;
        while taken < excess
            && let Some(missing) = report.not_measured.pop()
        {
            taken += json_bytes(&missing) + 1;
            if let Some(metric) = self.policy.metric(missing.metric.as_str()) {
                self.drop_value(metric, OutcomeKind::TooLarge, missing.key.as_deref());
            }
        }
        taken > 0
    }

    fn drop_accepted(&mut self, metric: &Metric, key: Option<&str>) {
        self.accepted = self.accepted.saturating_sub(1);
        self.drop_value(metric, OutcomeKind::TooLarge, key);
    }
}

/// Bytes of a value's JSON. Text keys and scalar values: writing them to memory cannot fail.
fn json_bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}
