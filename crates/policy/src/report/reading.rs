//! From JSON to a report: what cannot be read costs itself and not the report, and what there is no room for is skipped and counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Flow, NotMeasured, Report, Usage};
use crate::limits::{FACTS, NAMES_PER_LIST, ROW_BYTES, USAGE_ROWS};
use crate::value::{Room, ValueSeed};
use crate::{MetricId, Outcome, OutcomeKind, Value};

struct ReportVisitor;

/// Reads one field into its place; a field that stands twice hides one of its values, so the report is refused.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if place.is_some() {
        return Err(serde::de::Error::duplicate_field(name));
    }
    *place = Some(map.next_value()?);
    Ok(())
}

fn present<T, E: serde::de::Error>(place: Option<T>, name: &'static str) -> Result<T, E> {
    place.ok_or_else(|| E::missing_field(name))
}

/// A list of at most so many items, whose unreadable items cost themselves and not the report. What comes after them is skipped.
struct Readable<T, const MOST: usize> {
    items: Vec<T>,
    unreadable: u64,
    skipped: u64,
}

impl<T, const MOST: usize> Default for Readable<T, MOST> {
    fn default() -> Self {
        Self { items: Vec::new(), unreadable: 0, skipped: 0 }
    }
}

impl<'de, T: serde::de::DeserializeOwned, const MOST: usize> Deserialize<'de> for Readable<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = <&RawValue>::deserialize(deserializer)?;
        let mut json = serde_json::Deserializer::from_str(written.get());
        // Only another shape than a list fails: each item was read as JSON before.
        let list = json.deserialize_seq(ListVisitor(std::marker::PhantomData));
        Ok(list.unwrap_or(Self { unreadable: 1, ..Self::default() }))
    }
}

type Rows<T> = Readable<T, USAGE_ROWS>;
type Names<T> = Readable<T, NAMES_PER_LIST>;

struct ListVisitor<T, const MOST: usize>(std::marker::PhantomData<T>);

impl<'de, T: serde::de::DeserializeOwned, const MOST: usize> Visitor<'de> for ListVisitor<T, MOST> {
    type Value = Readable<T, MOST>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut list = Readable::default();
        for _ in 0..MOST {
            let Some(item) = sequence.next_element::<&RawValue>()? else { return Ok(list) };
            match read_row(item.get()) {
                Some(item) => list.items.push(item),
                None => list.unreadable += 1,
            }
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            list.skipped += 1;
        }
        Ok(list)
    }
}

fn read_row<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    if json.len() > ROW_BYTES { None } else { serde_json::from_str(json).ok() }
}

impl<T, const MOST: usize> Readable<T, MOST> {
    /// The items that could be read; the others become outcomes under the list's name.
    fn counted(self, name: &str, outcomes: &mut Vec<Outcome>) -> Vec<T> {
        for (kind, count) in
            [(OutcomeKind::WrongType, self.unreadable), (OutcomeKind::TooLarge, self.skipped)]
        {
            if count > 0 {
                outcomes.push(Outcome { count, ..Outcome::undeclared(name, kind) });
            }
        }
        self.items
    }
}

/// Facts by name; one that stands twice is unreadable, for the same reason. What there is no room for is an outcome.
struct Facts {
    facts: BTreeMap<String, Value>,
    skipped: Vec<Outcome>,
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FactsVisitor;
        impl<'de> Visitor<'de> for FactsVisitor {
            type Value = Facts;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("facts by metric")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
                let mut room = Room::default();
                let (mut facts, mut skipped) = (BTreeMap::new(), Vec::new());
                let mut facts_skipped = 0;
                while let Some(name) = map.next_key::<String>()? {
                    if let Some(known) = facts.get_mut(&name) {
                        *known = Value::Unreadable;
                        map.next_value::<IgnoredAny>()?;
                    } else if facts.len() < FACTS {
                        let value = map.next_value_seed(ValueSeed(&mut room))?;
                        note_skipped(&name, std::mem::take(&mut room.skipped), &mut skipped);
                        facts.insert(name, value);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        facts_skipped += 1;
                    }
                }
                if facts_skipped > 0 {
                    skipped.push(Outcome {
                        count: facts_skipped,
                        ..Outcome::undeclared("facts", OutcomeKind::TooLarge)
                    });
                }
                Ok(Facts { facts, skipped })
            }
        }
        deserializer.deserialize_map(FactsVisitor)
    }
}

/// What was skipped within a fact is of its metric, if the policy has one of that name: `admit` knows.
fn note_skipped(name: &str, count: u64, outcomes: &mut Vec<Outcome>) {
    if count > 0 {
        let metric = MetricId::parse(name);
        outcomes.push(Outcome { metric, count, ..Outcome::undeclared(name, OutcomeKind::TooLarge) });
    }
}

impl<'de> Visitor<'de> for ReportVisitor {
    type Value = Report;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Report, A::Error> {
        let (mut report_id, mut policy, mut installation, mut source) = (None, None, None, None);
        let (mut application, mut version, mut period, mut consent) = (None, None, None, None);
        let mut facts = None::<Facts>;
        let (mut usage, mut flows) = (None::<Rows<Usage>>, None::<Rows<Flow>>);
        let (mut withheld, mut held) = (None::<Names<MetricId>>, None::<Names<MetricId>>);
        let mut not_measured = None::<Names<NotMeasured>>;
        let mut undeclared = None::<Outcome>;
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*name {
                "report_id" => once(&mut report_id, "report_id", &mut map)?,
                "policy" => once(&mut policy, "policy", &mut map)?,
                "installation" => once(&mut installation, "installation", &mut map)?,
                "source" => once(&mut source, "source", &mut map)?,
                "application" => once(&mut application, "application", &mut map)?,
                "version" => once(&mut version, "version", &mut map)?,
                "period" => once(&mut period, "period", &mut map)?,
                "consent" => once(&mut consent, "consent", &mut map)?,
                "facts" => once(&mut facts, "facts", &mut map)?,
                "usage" => once(&mut usage, "usage", &mut map)?,
                "flows" => once(&mut flows, "flows", &mut map)?,
                "withheld" => once(&mut withheld, "withheld", &mut map)?,
                "held" => once(&mut held, "held", &mut map)?,
                "not_measured" => once(&mut not_measured, "not_measured", &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    // One outcome for all of them: a report may have nothing but such fields.
                    undeclared
                        .get_or_insert(Outcome {
                            count: 0,
                            ..Outcome::undeclared(&name, OutcomeKind::Undeclared)
                        })
                        .count += 1;
                }
            }
        }
        let report_id = present(report_id, "report_id")?;
        let facts: Facts = present(facts, "facts")?;
        let mut unreadable: Vec<Outcome> = undeclared.into_iter().chain(facts.skipped).collect();
        Ok(Report {
            report_id,
            policy: present(policy, "policy")?,
            installation: present(installation, "installation")?,
            source: present(source, "source")?,
            application: present(application, "application")?,
            version: present(version, "version")?,
            period: present(period, "period")?,
            consent: present(consent, "consent")?,
            facts: facts.facts,
            usage: usage.unwrap_or_default().counted("usage", &mut unreadable),
            flows: flows.unwrap_or_default().counted("flows", &mut unreadable),
            withheld: withheld.unwrap_or_default().counted("withheld", &mut unreadable).into_iter().collect(),
            held: held.unwrap_or_default().counted("held", &mut unreadable).into_iter().collect(),
            not_measured: not_measured.unwrap_or_default().counted("not_measured", &mut unreadable),
            unreadable,
        })
    }
}

impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReportVisitor)
    }
}
