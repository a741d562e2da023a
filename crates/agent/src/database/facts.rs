//! Which database it is: what a utility reports of it.

use candor_policy::{Metric, Origin, Policy, SourceId, Value};

use super::{Connection, DatabaseFacts, DatabaseSettings, Failure, Gathered, run};

/// What a policy's source reports of the database itself: product, version and edition. Nothing else is read, and
/// nothing is connected to where the policy asks for none of the three.
pub fn facts(policy: &Policy, source: &SourceId, version: &str, settings: &DatabaseSettings) -> Gathered {
    let wanted: Vec<&Metric> =
        policy.gathered(source, version).filter(|metric| is_database_fact(&metric.origin)).collect();
    let mut gathered = Gathered::default();
    if wanted.is_empty() {
        return gathered;
    }
    let asked = run(async {
        let asking = async { Connection::open(settings).await?.facts().await };
        let late = |_| Err(Failure::timed_out("asking the database for its version", settings.total_timeout));
        tokio::time::timeout(settings.total_timeout, asking).await.unwrap_or_else(late)
    });
    answer(&mut gathered, &wanted, asked.and_then(|facts| facts));
    gathered
}

/// Whether a metric is about the database itself.
pub(crate) fn is_database_fact(origin: &Origin) -> bool {
    asked_for(origin).is_some()
}

/// Which of the facts an origin asks for; `None` where it asks for something else.
fn asked_for(origin: &Origin) -> Option<fn(&DatabaseFacts) -> &str> {
    match origin {
        Origin::DatabaseProduct => Some(|facts| &facts.product),
        Origin::DatabaseVersion => Some(|facts| &facts.version),
        Origin::DatabaseEdition => Some(|facts| &facts.edition),
        Origin::ApplicationName
        | Origin::ApplicationVersion
        | Origin::OsVersion
        | Origin::OsLocale
        | Origin::DatabaseRowCounts { .. }
        | Origin::DatabaseColumns { .. }
        | Origin::DatabaseRows { .. }
        | Origin::DatabaseDevices { .. }
        | Origin::Given
        | Origin::Recorded
        | Origin::Connection => None,
    }
}

/// Puts each metric's fact, or why there is none, with the others.
pub(crate) fn answer(gathered: &mut Gathered, wanted: &[&Metric], facts: Result<DatabaseFacts, Failure>) {
    match facts {
        Ok(facts) => {
            for metric in wanted {
                let Some(fact) = asked_for(&metric.origin) else { continue };
                gathered.facts.insert(metric.id.to_string(), Value::Text(fact(&facts).to_owned()));
            }
        }
        Err(failure) => {
            for (index, metric) in wanted.iter().enumerate() {
                match index {
                    0 => gathered.miss(&metric.id, None, &failure),
                    _ => gathered.miss_quietly(&metric.id, None, failure.reason),
                }
            }
        }
    }
}
