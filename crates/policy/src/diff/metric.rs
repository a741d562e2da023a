//! Compares two versions of one metric.

use std::collections::BTreeSet;

use super::{Changes, Effect, Subject, rules};
use crate::manifest::words::Word;
use crate::{Collected, Identifies, KeyPattern, Metric, MetricType, Origin, Policy, Release, TransportForm};

/// A metric that the earlier version did not have.
pub(super) fn added(metric: &Metric, changes: &mut Changes) {
    let text = format!("new: {}. {}", metric.title, metric.description);
    changes.add(Subject::Metric(metric.id.clone()), Effect::Widened, text);
}

/// A metric that the newer version does not have.
pub(super) fn removed(metric: &Metric, changes: &mut Changes) {
    let text = format!("no longer collected: {}", metric.title);
    changes.add(Subject::Metric(metric.id.clone()), Effect::Narrowed, text);
}

/// Everything that a metric says, before and after.
pub(super) fn compare(before: &Metric, after: &Metric, from: &Policy, to: &Policy, changes: &mut Changes) {
    let subject = Subject::Metric(after.id.clone());
    values(before, after, &subject, changes);
    origin(before, after, &subject, changes);
    if before.category != after.category {
        let text = format!("moved from group `{}` to group `{}`", before.category, after.category);
        changes.add(subject.clone(), Effect::Widened, text);
    }
    changes.list(&subject, "purpose", &before.purposes, &after.purposes);
    changes.list(&subject, "gathered by", &before.sources, &after.sources);
    if before.sensitivity != after.sensitivity {
        let text = format!("{} is now {}", before.sensitivity.word(), after.sensitivity.word());
        let effect = if after.sensitivity > before.sensitivity { Effect::Widened } else { Effect::Reworded };
        changes.add(subject.clone(), effect, text);
    }
    retention(before, after, &subject, changes);
    span(before, after, (from, to), &subject, changes);
    changes.wording(&subject, "title", &before.title, &after.title);
    changes.wording(&subject, "description", &before.description, &after.description);
    changes.wording(&subject, "answers for it", &before.owner, &after.owner);
}

fn retention(before: &Metric, after: &Metric, subject: &Subject, changes: &mut Changes) {
    let (old, new) = (before.retention_months, after.retention_months);
    if old != new {
        let effect = if new > old { Effect::Widened } else { Effect::Narrowed };
        changes.add(subject.clone(), effect, format!("kept for {new} months instead of {old}"));
    }
}

/// `since` and `until`, by their places in the newer version's list: a release that it does not list may have stood
/// anywhere. Then what the order of the releases alone moves.
fn span(
    before: &Metric,
    after: &Metric,
    (from, to): (&Policy, &Policy),
    subject: &Subject,
    changes: &mut Changes,
) {
    let name = |release: &Option<Release>| release.as_ref().map(|release| release.name.clone());
    let place = |release: &Option<Release>, open: usize| match release {
        None => Some(open),
        Some(release) => to.releases.named(&release.name).map(|release| release.rank),
    };
    let last = to.releases.names().len().max(from.releases.names().len());
    let mut said = Vec::new();
    if name(&before.since) != name(&after.since) {
        let earlier = place(&after.since, 0) < place(&before.since, 0) || place(&before.since, 0).is_none();
        let text = format!("collected since {} instead of {}", release(&after.since), release(&before.since));
        changes.add(subject.clone(), effect(earlier), text);
        said.push(effect(earlier));
    }
    if name(&before.until) != name(&after.until) {
        let later =
            place(&after.until, last) > place(&before.until, last) || place(&before.until, last).is_none();
        let text = format!("collected until {} instead of {}", release(&after.until), release(&before.until));
        changes.add(subject.clone(), effect(later), text);
        said.push(effect(later));
    }
    order(before, after, (from, to), &said, subject, changes);
}

/// Releases that the earlier version could place, and in which the metric is collected now though it was not, or the
/// other way round, without a change of `since` or `until` that says so.
fn order(
    before: &Metric,
    after: &Metric,
    (from, to): (&Policy, &Policy),
    said: &[Effect],
    subject: &Subject,
    changes: &mut Changes,
) {
    let (mut gained, mut lost) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for name in from.releases.names().iter().chain(to.releases.names()) {
        let Some(earlier) = from.releases.of_version(name) else { continue };
        let was = before.collected_in(Some(&earlier)) == Collected::Yes;
        let is = after.collected_in(to.releases.of_version(name).as_ref()) == Collected::Yes;
        if seen.insert(name.as_str()) && was != is {
            let list = if is { &mut gained } else { &mut lost };
            list.push(name.as_str());
        }
    }
    if !gained.is_empty() && !said.contains(&Effect::Widened) {
        let text = format!("also collected in {}, as the releases are listed now", gained.join(", "));
        changes.add(subject.clone(), Effect::Widened, text);
    }
    if !lost.is_empty() && said.is_empty() {
        let text = format!("no longer collected in {}, as the releases are listed now", lost.join(", "));
        changes.add(subject.clone(), Effect::Narrowed, text);
    }
}

fn release(release: &Option<Release>) -> String {
    release.as_ref().map_or_else(|| "any release".to_owned(), |release| release.name.clone())
}

fn effect(widened: bool) -> Effect {
    if widened { Effect::Widened } else { Effect::Narrowed }
}

/// What the metric may hold.
fn values(before: &Metric, after: &Metric, subject: &Subject, changes: &mut Changes) {
    match (&before.kind, &after.kind) {
        (MetricType::Version, MetricType::Version) | (MetricType::Flag, MetricType::Flag) => {}
        (MetricType::Text(old), MetricType::Text(new)) => rules::text(subject, "values", old, new, changes),
        (
            MetricType::Number { minimum: old_low, maximum: old_high, unit: old_unit },
            MetricType::Number { minimum, maximum, unit },
        ) => {
            rules::bound(
                subject,
                "smallest number",
                old_low.map(|low| -low),
                minimum.map(|low| -low),
                changes,
            );
            rules::bound(subject, "largest number", *old_high, *maximum, changes);
            changes.wording(subject, "unit", old_unit, unit);
        }
        (
            MetricType::Count { keys: old, maximum: old_maximum, unit: old_unit },
            MetricType::Count { keys, maximum, unit },
        ) => {
            rules::keys(subject, old, keys, changes);
            rules::bound(subject, "largest number", *old_maximum, *maximum, changes);
            changes.wording(subject, "unit", old_unit, unit);
        }
        (
            MetricType::Setting { keys: old, redaction: old_redaction },
            MetricType::Setting { keys, redaction },
        ) => {
            rules::keys(subject, old, keys, changes);
            rules::redaction(subject, old_redaction, redaction, changes);
        }
        (MetricType::Devices { columns: old }, MetricType::Devices { columns }) => {
            changes.list(subject, "counted by", old, columns);
        }
        (MetricType::Usage { dimensions: old }, MetricType::Usage { dimensions }) => {
            rules::dimensions(subject, old, dimensions, changes);
        }
        (MetricType::Flow { steps: old_steps, dimensions: old }, MetricType::Flow { steps, dimensions }) => {
            changes.list(subject, "steps", old_steps, steps);
            rules::dimensions(subject, old, dimensions, changes);
        }
        (MetricType::Identity(old), MetricType::Identity(new)) => identity(*old, *new, subject, changes),
        (MetricType::Transport(old), MetricType::Transport(new)) => transport(*old, *new, subject, changes),
        (
            old @ (MetricType::Version
            | MetricType::Text(_)
            | MetricType::Flag
            | MetricType::Number { .. }
            | MetricType::Count { .. }
            | MetricType::Setting { .. }
            | MetricType::Devices { .. }
            | MetricType::Usage { .. }
            | MetricType::Flow { .. }
            | MetricType::Identity(_)
            | MetricType::Transport(_)),
            new,
        ) => {
            let text = format!("type `{}` is now `{}`", old.word(), new.word());
            changes.add(subject.clone(), Effect::Widened, text);
        }
    }
}

fn identity(old: Identifies, new: Identifies, subject: &Subject, changes: &mut Changes) {
    if old != new {
        let text = format!("tells apart {} instead of {}", new.meaning(), old.meaning());
        changes.add(subject.clone(), Effect::Widened, text);
    }
}

fn transport(old: TransportForm, new: TransportForm, subject: &Subject, changes: &mut Changes) {
    if old != new {
        let text = format!("the address is kept {} instead of {}", new.meaning(), old.meaning());
        changes.add(subject.clone(), effect(new == TransportForm::Whole), text);
    }
}

/// Where the value comes from. Lists of tables show as keys, and columns that
/// devices are counted by as such; any other change reads something else than before.
fn origin(before: &Metric, after: &Metric, subject: &Subject, changes: &mut Changes) {
    let same = match (&before.origin, &after.origin) {
        (Origin::DatabaseRowCounts { .. }, Origin::DatabaseRowCounts { .. })
        | (Origin::DatabaseColumns { .. }, Origin::DatabaseColumns { .. }) => true,
        (Origin::DatabaseDevices { table: old, .. }, Origin::DatabaseDevices { table: new, .. }) => {
            let earlier: Vec<_> = device_columns(before).collect();
            let moved = |(name, column): (&str, &str)| {
                earlier.iter().any(|known| known.0 == name && known.1 != column)
            };
            old == new && !device_columns(after).any(moved)
        }
        (old, new) => old == new,
    };
    if !same {
        let text = format!("now comes from {} instead of {}", place(&after.origin), place(&before.origin));
        changes.add(subject.clone(), Effect::Widened, text);
    }
}

/// What devices are counted by: the metric's name for it, and the table's column.
fn device_columns(metric: &Metric) -> impl Iterator<Item = (&str, &str)> {
    let pairs = if let MetricType::Devices { columns: names } = &metric.kind
        && let Origin::DatabaseDevices { columns, .. } = &metric.origin
    {
        Some((names, columns))
    } else {
        None
    };
    pairs
        .into_iter()
        .flat_map(|(names, columns)| names.iter().map(String::as_str).zip(columns.iter().map(String::as_str)))
}

fn place(origin: &Origin) -> String {
    let tables = |tables: &[KeyPattern]| tables.iter().map(KeyPattern::as_str).collect::<Vec<_>>().join(", ");
    match origin {
        Origin::ApplicationName => "the application's name".to_owned(),
        Origin::ApplicationVersion => "the application's version".to_owned(),
        Origin::OsVersion => "the operating system's version".to_owned(),
        Origin::OsLocale => "the operating system's language".to_owned(),
        Origin::DatabaseProduct => "the database's product".to_owned(),
        Origin::DatabaseVersion => "the database's version".to_owned(),
        Origin::DatabaseEdition => "the database's edition".to_owned(),
        Origin::DatabaseRowCounts { tables: of } => format!("the record counts of {}", tables(of)),
        Origin::DatabaseColumns { tables: of } => format!("the columns of {}", tables(of)),
        Origin::DatabaseRows { table, key_column, value_column } => {
            format!("{table} ({key_column}, {value_column})")
        }
        Origin::DatabaseDevices { table, columns } => format!("{table} ({})", columns.join(", ")),
        Origin::Given => "the product or its configuration".to_owned(),
        Origin::Recorded => "what is recorded while the product runs".to_owned(),
        Origin::Connection => "the connection".to_owned(),
    }
}
