//! The metrics: what all types have in common. What bounds the values of each type is read by `values`.

use super::faults::Found;
use super::fields::type_spec;
use super::header::Declared;
use super::reader::Placed;
use super::section::Section;
use super::values;
use super::words::{listed, nearest};
use crate::{CategoryId, Metric, MetricId, PurposeId, Release, SourceId};

/// A metric's table, and the metric where the table has no fault.
pub(super) struct ReadMetric<'d> {
    pub id: String,
    pub section: Section<'d>,
    pub item: Option<Metric>,
}

/// Reads `[metrics.*]`.
pub(super) fn metrics<'d>(top: &Section<'d>, known: &Declared<'_>, found: &mut Found) -> Vec<ReadMetric<'d>> {
    top.tables("metrics", found)
        .into_iter()
        .map(|(id, section)| {
            let item = metric(&id, &section, known, found);
            ReadMetric { id, section, item }
        })
        .collect()
}

fn metric(id: &str, section: &Section<'_>, known: &Declared<'_>, found: &mut Found) -> Option<Metric> {
    let value = kind_and_origin(section, found).and_then(|(kind, origin)| {
        section.narrow(&kind, &origin, found);
        values::read(section, &kind, &origin, known, found)
    });
    let category = reference(section, "category", section.text("category"), category_ids(known), found);
    let purposes =
        references(section, "purposes", known.purposes.iter().map(|known| known.item.id.as_str()), found);
    let sources =
        references(section, "sources", known.sources.iter().map(|known| known.item.id.as_str()), found);
    let since = release(section, "since", known, found);
    let until = release(section, "until", known, found);
    if let (Some(since), Some(until)) = (&since, &until)
        && since.rank > until.rank
    {
        found.add(
            section.place("until"),
            format!(
                "{} is collected since {} and until {}, which is older",
                section.name, since.name, until.name
            ),
            "let `until` name the same release as `since`, or a later one",
        );
    }
    let (kind, origin) = value?;
    Some(Metric {
        id: MetricId::parse(id)?,
        title: section.owned("title")?,
        description: section.owned("description")?,
        kind,
        origin,
        category: category.and_then(|category| CategoryId::parse(&category))?,
        purposes: purposes.iter().filter_map(|purpose| PurposeId::parse(purpose)).collect(),
        owner: section.owned("owner")?,
        sensitivity: section.word("sensitivity")?,
        sources: sources.iter().filter_map(|source| SourceId::parse(source)).collect(),
        retention_months: section
            .integer("retention_months")
            .and_then(|months| u32::try_from(months).ok())?,
        since,
        until,
    })
}

/// Type and origin, where they fit one another; `from` may be left out where the type has one origin alone.
fn kind_and_origin(section: &Section<'_>, found: &mut Found) -> Option<(String, String)> {
    let kind = type_spec(section.text("type")?)?;
    if !section.has("from") {
        if let [only] = kind.origins {
            return Some((kind.word.to_owned(), (*only).to_owned()));
        }
        found.missing(
            section.at,
            format!("{} has no `from`", section.name),
            format!("add `from`: {} for type `{}`", listed(kind.origins.iter().copied()), kind.word),
        );
        return None;
    }
    let origin = section.text("from")?;
    if !kind.origins.contains(&origin) {
        found.add(
            section.place("from"),
            format!("{} is of type `{}`, which does not come from `{origin}`", section.name, kind.word),
            format!("a {} comes from {}", kind.word, listed(kind.origins.iter().copied())),
        );
        return None;
    }
    Some((kind.word.to_owned(), origin.to_owned()))
}

fn category_ids<'a>(known: &'a Declared<'_>) -> impl Iterator<Item = &'a str> + Clone {
    known.categories.iter().map(|known| known.item.id.as_str())
}

fn reference<'a>(
    section: &Section<'_>,
    field: &str,
    name: Option<&str>,
    declared: impl Iterator<Item = &'a str> + Clone,
    found: &mut Found,
) -> Option<String> {
    let placed = Placed { at: section.place(field), text: name?.to_owned() };
    is_declared(section, field, &placed, declared, found).then_some(placed.text)
}

fn references<'a>(
    section: &Section<'_>,
    field: &str,
    declared: impl Iterator<Item = &'a str> + Clone,
    found: &mut Found,
) -> Vec<String> {
    section
        .texts(field)
        .iter()
        .filter(|placed| is_declared(section, field, placed, declared.clone(), found))
        .map(|placed| placed.text.clone())
        .collect()
}

fn is_declared<'a>(
    section: &Section<'_>,
    field: &str,
    placed: &Placed,
    declared: impl Iterator<Item = &'a str> + Clone,
    found: &mut Found,
) -> bool {
    let name = &placed.text;
    if declared.clone().any(|known| known == name) {
        return true;
    }
    let table = if field == "category" { "categories" } else { field };
    let hint = match nearest(name, declared.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if declared.clone().next().is_none() => format!("declare it: `[{table}.{name}]`"),
        None => format!("declare it as `[{table}.{name}]`, or name {}", listed(declared)),
    };
    found.missing(
        placed.at,
        format!("{} names `{name}` in `{field}`, which is not declared", section.name),
        hint,
    );
    false
}

fn release(section: &Section<'_>, field: &str, known: &Declared<'_>, found: &mut Found) -> Option<Release> {
    let name = section.text(field)?;
    let release = known.releases.named(name);
    if release.is_none() {
        let names = known.releases.names().iter().map(String::as_str);
        let hint = match nearest(name, names) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "add it to `releases` of `[policy]`, in its place".to_owned(),
        };
        found.missing(
            section.place(field),
            format!("{} names release `{name}` in `{field}`, which is not listed", section.name),
            hint,
        );
    }
    release
}
