//! Lint: what a manifest may say by its form and must not say to a customer.

use super::faults::Found;
use super::metrics::{Known, ReadMetric};
use super::section::Section;
use crate::{Identifies, Metric, MetricType, Origin, Sensitivity, TransportForm};

/// Parts of names that speak of a person, wherever they stand in a name.
const PERSONAL: &[&str] = &[
    "email",
    "mail",
    "phone",
    "telephone",
    "fax",
    "birth",
    "birthday",
    "birthdate",
    "dob",
    "gender",
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "username",
    "nickname",
    "login",
    "ssn",
    "passport",
    "person",
    "employee",
    "salary",
    "religion",
    "ethnicity",
    "photo",
    "password",
    "latitude",
    "longitude",
    "street",
    "postcode",
];
/// Whose name it is that makes `…_name` a person's.
const BEARERS: &[&str] = &[
    "first",
    "last",
    "middle",
    "full",
    "given",
    "family",
    "maiden",
    "user",
    "display",
    "login",
    "account",
    "contact",
    "admin",
    "owner",
    "sender",
    "recipient",
];

/// Says where the whole text, comments included, promises what pseudonyms do not give.
pub(super) fn text(manifest: &str, found: &mut Found) {
    let lower = manifest.to_ascii_lowercase();
    for (at, _) in lower.match_indices("anonym") {
        found.add(
            at,
            "the manifest says \"anonymous\"",
            "say \"pseudonymous\", or name what is sent: an installation, and often a customer, can be told apart",
        );
    }
}

/// Holds the metrics against one another and against what they refer to.
pub(super) fn whole(top: &Section<'_>, known: &Known<'_>, metrics: &[ReadMetric<'_>], found: &mut Found) {
    for metric in metrics {
        names(metric, found);
        if let Some(item) = &metric.item {
            sensitivity(metric, item, found);
            header_metric(metric, item, known, found);
            blind_setting(metric, item, found);
        }
    }
    header_is_declared(top, metrics, found);
    only_one(metrics, found);
    everything_is_used(known, metrics, found);
}

fn names(metric: &ReadMetric<'_>, found: &mut Found) {
    let is_identity = metric.section.text("type") == Some("identity");
    if !is_identity && smells_of_a_person(&metric.id) {
        personal(metric.section.at, &metric.id, found);
    }
    for (column, _) in metric.section.map("columns").iter().filter(|(name, _)| smells_of_a_person(&name.text))
    {
        personal(column.at, &column.text, found);
    }
    // The dimensions' own faults were said when they were read.
    for (name, table) in metric.section.tables("dimensions", &mut Found::new("")) {
        if smells_of_a_person(&name) {
            personal(table.at, &name, found);
        }
    }
}

fn personal(at: usize, name: &str, found: &mut Found) {
    found.add(
        at,
        format!("`{name}` smells of a person"),
        "take it out; where users must be told apart, use a pseudonym: type `identity`, `identifies = \"user\"`",
    );
}

/// Whether a name speaks of a person: by one of its words, or by whose name it is.
fn smells_of_a_person(name: &str) -> bool {
    let words: Vec<&str> = name.split(['_', '-']).collect();
    words.iter().any(|word| PERSONAL.contains(word))
        || words.windows(2).any(|pair| BEARERS.contains(&pair[0]) && matches!(pair[1], "name" | "names"))
}

fn sensitivity(metric: &ReadMetric<'_>, item: &Metric, found: &mut Found) {
    let identifies =
        matches!(item.kind, MetricType::Identity(_) | MetricType::Transport(TransportForm::Whole));
    if identifies && item.sensitivity != Sensitivity::Identifying {
        found.add(
            metric.section.place("sensitivity"),
            format!("{} names the customer or a user, and says it does not", metric.section.name),
            "write `sensitivity = \"identifying\"`",
        );
    }
}

/// What travels in every report's header is declared for every source and every release.
fn header_metric(metric: &ReadMetric<'_>, item: &Metric, known: &Known<'_>, found: &mut Found) {
    if !item.in_header() {
        return;
    }
    for field in ["since", "until"].into_iter().filter(|field| metric.section.has(field)) {
        found.add(
            metric.section.place(field),
            format!("{} is in every report's header and has no `{field}`", metric.section.name),
            "take it out",
        );
    }
    for source in known.sources.iter().filter(|source| !item.sources.contains(&source.item.id)) {
        found.add(
            metric.section.place("sources"),
            format!(
                "{} is in every report's header, and `{}` is not among its sources",
                metric.section.name, source.item.id
            ),
            format!("add `{}` to `sources`", source.item.id),
        );
    }
}

/// Values that nobody knows beforehand are looked at before they leave.
fn blind_setting(metric: &ReadMetric<'_>, item: &Metric, found: &mut Found) {
    if let MetricType::Setting { keys, redaction } = &item.kind
        && redaction.detectors.is_empty()
        && keys.iter().any(|key| key.literal().is_none())
    {
        found.add(
            metric.section.place("detect"),
            format!("{} sends values of any name, and no detector looks at them", metric.section.name),
            "leave `detect` out to use all detectors, or name each key",
        );
    }
}

fn header_is_declared(top: &Section<'_>, metrics: &[ReadMetric<'_>], found: &mut Found) {
    let required = [
        ("application.name", "[metrics.application]\ntype = \"text\"\nfrom = \"application.name\""),
        ("application.version", "[metrics.version]\ntype = \"version\"\nfrom = \"application.version\""),
    ];
    for (origin, _) in required {
        let count = metrics.iter().filter(|metric| metric.section.text("from") == Some(origin)).count();
        if count == 0 && top.has("metrics") {
            found.missing(
                top.place("metrics"),
                format!("no metric is from `{origin}`, which every report carries"),
                format!("declare one: a table `[metrics.name]` with `from = \"{origin}\"`"),
            );
        }
    }
}

/// Where two metrics would say the same, readers would have to guess which is meant.
fn only_one(metrics: &[ReadMetric<'_>], found: &mut Found) {
    let mut seen: Vec<&str> = Vec::new();
    for metric in metrics {
        let Some(role) = metric.item.as_ref().and_then(role) else { continue };
        if seen.contains(&role) {
            found.add(
                metric.section.at,
                format!("{} is a second metric for {role}", metric.section.name),
                "keep one of the two",
            );
        }
        seen.push(role);
    }
}

fn role(metric: &Metric) -> Option<&'static str> {
    match (&metric.kind, &metric.origin) {
        (_, Origin::ApplicationName) => Some("the application's name"),
        (_, Origin::ApplicationVersion) => Some("the application's version"),
        (MetricType::Identity(Identifies::Customer), _) => Some("the customer"),
        (MetricType::Identity(Identifies::CustomerName), _) => Some("the customer's name"),
        (MetricType::Identity(Identifies::User), _) => Some("the user"),
        (MetricType::Transport(_), _) => Some("the public address"),
        _ => None,
    }
}

fn everything_is_used(known: &Known<'_>, metrics: &[ReadMetric<'_>], found: &mut Found) {
    let named = |field: &str, id: &str| {
        metrics.iter().any(|metric| {
            metric.section.text(field) == Some(id)
                || metric.section.texts(field).iter().any(|text| text.text == id)
        })
    };
    let mut unused = |at: usize, field: &str, what: String, hint: &str| {
        let id = what.split('`').nth(1).unwrap_or_default().to_owned();
        if !named(field, &id) {
            found.missing(at, what, hint);
        }
    };
    for purpose in known.purposes {
        let what = format!("purpose `{}` is named by no metric", purpose.item.id);
        unused(purpose.at, "purposes", what, "name it in a metric's `purposes`, or take it out");
    }
    for category in known.categories {
        let what = format!("category `{}` has no metric", category.item.id);
        unused(category.at, "category", what, "name it in a metric's `category`, or take it out");
    }
    for source in known.sources {
        let what = format!("source `{}` gathers nothing", source.item.id);
        unused(source.at, "sources", what, "name it in a metric's `sources`, or take it out");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_name_smells_and_a_hosts_does_not() {
        for personal in
            ["first_name", "user-name", "email", "contact_email", "birth_year", "mobile_phone", "username"]
        {
            assert!(smells_of_a_person(personal), "{personal}");
        }
        for fine in [
            "os_version",
            "database_name",
            "user_count",
            "mail_settings_count_x".trim_start_matches("mail_"),
            "host_name",
            "surnames_table",
        ] {
            assert!(!smells_of_a_person(fine), "{fine}");
        }
    }
}
