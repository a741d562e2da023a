//! What bounds the values of each metric type, and where they come from.

use super::faults::Found;
use super::header::Declared;
use super::reader::Placed;
use super::section::Section;
use super::text_rule;
use crate::limits::KEY_LENGTH;
use crate::{AllowList, Detector, Dimension, KeyPattern, MetricType, Origin, Redaction, TextRule};

/// Reads a metric's type and origin. That the two fit one another was seen to.
pub(super) fn read(
    section: &Section<'_>,
    kind: &str,
    origin: &str,
    known: &Declared<'_>,
    found: &mut Found,
) -> Option<(MetricType, Origin)> {
    // Both are read before either is missed, so that the faults of both are found.
    let kind = metric_type(section, kind, origin, known, found);
    let origin = metric_origin(section, origin, found);
    Some((kind?, origin?))
}

fn metric_type(
    section: &Section<'_>,
    kind: &str,
    origin: &str,
    known: &Declared<'_>,
    found: &mut Found,
) -> Option<MetricType> {
    Some(match kind {
        "version" => MetricType::Version,
        "text" if origin == "application.name" => MetricType::Text(application_names(section, known, found)),
        "text" => MetricType::Text(text_rule::read(section, found)?),
        "flag" => MetricType::Flag,
        "number" => number(section, found)?,
        "count" => MetricType::Count {
            keys: keys(section, origin, found)?,
            maximum: section.number("max"),
            unit: section.owned("unit")?,
        },
        "setting" => {
            MetricType::Setting { redaction: redaction(section, found), keys: keys(section, origin, found)? }
        }
        "devices" => MetricType::Devices { columns: device_columns(section, found)? },
        "usage" => MetricType::Usage { dimensions: dimensions(section, found) },
        "flow" => {
            let dimensions = dimensions(section, found);
            MetricType::Flow {
                steps: section.has("steps").then(|| section.plain_texts("steps"))?,
                dimensions,
            }
        }
        "identity" => MetricType::Identity(section.word("identifies")?),
        "transport" => MetricType::Transport(section.word("form")?),
        _ => return None,
    })
}

fn metric_origin(section: &Section<'_>, origin: &str, found: &mut Found) -> Option<Origin> {
    Some(match origin {
        "application.name" => Origin::ApplicationName,
        "application.version" => Origin::ApplicationVersion,
        "os.version" => Origin::OsVersion,
        "os.locale" => Origin::OsLocale,
        "database.product" => Origin::DatabaseProduct,
        "database.version" => Origin::DatabaseVersion,
        "database.edition" => Origin::DatabaseEdition,
        "database.row-counts" => Origin::DatabaseRowCounts { tables: tables(section, found)? },
        "database.columns" => Origin::DatabaseColumns { tables: tables(section, found)? },
        "database.rows" => Origin::DatabaseRows {
            table: section.owned("table")?,
            key_column: section.owned("key_column")?,
            value_column: section.owned("value_column")?,
        },
        "database.devices" => Origin::DatabaseDevices {
            table: section.owned("table")?,
            columns: section.map("columns").iter().map(|(_, column)| column.text.clone()).collect(),
        },
        "given" => Origin::Given,
        "recorded" => Origin::Recorded,
        "connection" => Origin::Connection,
        _ => return None,
    })
}

/// The application's name is one of those that the sources declare; a second list could only drift from the first.
fn application_names(section: &Section<'_>, known: &Declared<'_>, found: &mut Found) -> TextRule {
    for field in ["values", "pattern", "max_length"].into_iter().filter(|field| section.has(field)) {
        found.add(
            section.place(field),
            format!("{} is from `application.name` and has no `{field}`", section.name),
            "take it out: the names are the `applications` of the sources",
        );
    }
    let mut names: Vec<String> = Vec::new();
    for name in known.sources.iter().flat_map(|source| &source.item.applications) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    TextRule::OneOf(names)
}

fn number(section: &Section<'_>, found: &mut Found) -> Option<MetricType> {
    let (minimum, maximum) = (section.number("min"), section.number("max"));
    if let (Some(low), Some(high)) = (minimum, maximum)
        && low > high
    {
        found.add(
            section.place("max"),
            format!("{} has a `max` of {high} below its `min` of {low}", section.name),
            "swap the two",
        );
    }
    Some(MetricType::Number { minimum, maximum, unit: section.owned("unit")? })
}

/// The keys that may appear: the tables, or a pattern over their columns, or what `keys` says.
fn keys(section: &Section<'_>, origin: &str, found: &mut Found) -> Option<Vec<KeyPattern>> {
    let follows = match origin {
        "database.row-counts" => Some("keys are the tables' names"),
        "database.columns" => Some("keys are `TABLE.COLUMN`"),
        _ => None,
    };
    if let Some(follows) = follows {
        if section.has("keys") {
            let message = format!("{} is from `{origin}` and has no `keys`", section.name);
            found.add(section.place("keys"), message, format!("take it out: {follows}"));
        }
        let suffix = if origin == "database.columns" { ".*" } else { "" };
        let key = |table: &Placed| KeyPattern::new(&format!("{}{suffix}", table.text));
        return section.has("tables").then(|| section.texts("tables").iter().map(key).collect());
    }
    if !section.has("keys") {
        if origin == "database.rows" {
            return Some(vec![KeyPattern::new("*")]);
        }
        let hint = "add `keys = [\"…\"]`: the names that may appear, `*` standing for any characters";
        found.missing(section.at, format!("{} has no `keys`", section.name), hint);
        return None;
    }
    Some(patterns(section, "keys", found))
}

fn tables(section: &Section<'_>, found: &mut Found) -> Option<Vec<KeyPattern>> {
    for all in section.texts("tables").iter().filter(|table| table.text.bytes().all(|byte| byte == b'*')) {
        found.add(
            all.at,
            format!("{} reads every table of the database", section.name),
            "name the tables, or a pattern that says which: `*OPTIONS`",
        );
    }
    section.has("tables").then(|| patterns(section, "tables", found))
}

fn patterns(section: &Section<'_>, field: &str, found: &mut Found) -> Vec<KeyPattern> {
    for long in section.texts(field).iter().filter(|pattern| pattern.text.len() > KEY_LENGTH) {
        let message = format!("`{field}` of {} has a name longer than {KEY_LENGTH} bytes", section.name);
        found.add(long.at, message, "shorten it");
    }
    section.texts(field).iter().map(|pattern| KeyPattern::new(&pattern.text)).collect()
}

/// Exceptions, names and detectors; without `detect`, every detector looks.
fn redaction(section: &Section<'_>, found: &mut Found) -> Redaction {
    let detectors = detectors(section);
    let named = section.map("redact").iter().filter_map(|(name, form)| {
        Some((KeyPattern::new(&name.text), super::words::Word::read(&form.text)?))
    });
    let strict = section.flag("strict").then(|| AllowList { harmless: section.plain_texts("harmless") });
    Redaction { named: named.collect(), except: patterns(section, "except", found), detectors, strict }
}

/// What a metric looks for in its values; without `detect`, all.
pub(super) fn detectors(section: &Section<'_>) -> Vec<Detector> {
    if section.has("detect") {
        section.texts("detect").iter().filter_map(|word| super::words::Word::read(&word.text)).collect()
    } else {
        Detector::ALL.to_vec()
    }
}

fn device_columns(section: &Section<'_>, found: &mut Found) -> Option<Vec<String>> {
    let columns = section.map("columns");
    if section.has("columns") && columns.is_empty() {
        let message = format!("{} counts devices by no column", section.name);
        found.missing(section.place("columns"), message, "add `columns = { model = \"DEVICE_MODEL\" }`");
    }
    for (name, _) in columns.iter().filter(|(name, _)| name.text == "count" || !is_column(&name.text)) {
        found.add(
            name.at,
            format!("{} cannot have a column `{}`", section.name, name.text),
            "use lower-case letters, digits and `_`, a letter first; `count` is the number of devices",
        );
    }
    (!columns.is_empty()).then(|| columns.iter().map(|(name, _)| name.text.clone()).collect())
}

fn is_column(name: &str) -> bool {
    crate::identifiers::is_identifier(name)
}

fn dimensions(section: &Section<'_>, found: &mut Found) -> Vec<Dimension> {
    let mut dimensions = Vec::new();
    for (name, table) in section.tables("dimensions", found) {
        if let Some(values) = text_rule::read(&table, found) {
            dimensions.push(Dimension { name, title: table.owned("title").unwrap_or_default(), values });
        }
    }
    dimensions
}
