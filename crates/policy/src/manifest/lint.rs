//! Lint: what a manifest may say by its form and must not say to a customer.

use super::faults::Found;
use super::header::Declared;
use super::metrics::ReadMetric;
use super::section::Section;
use super::values::detectors;
use super::words::Word;
use crate::Sensitivity;

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
pub(super) fn whole(top: &Section<'_>, known: &Declared<'_>, metrics: &[ReadMetric<'_>], found: &mut Found) {
    for metric in metrics {
        names(metric, found);
        sensitivity(&metric.section, found);
        header_metric(&metric.section, known, found);
        blind_setting(&metric.section, found);
        allow_list(&metric.section, found);
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

fn sensitivity(metric: &Section<'_>, found: &mut Found) {
    let identifies = metric.text("type") == Some("identity") || metric.text("form") == Some("whole");
    let said = metric.word::<Sensitivity>("sensitivity");
    if identifies && said.is_some_and(|said| said != Sensitivity::Identifying) {
        found.add(
            metric.place("sensitivity"),
            format!("{} names the customer or a user, and says it does not", metric.name),
            "write `sensitivity = \"identifying\"`",
        );
    }
}

/// What travels in every report's header is declared for every source and every release.
fn header_metric(metric: &Section<'_>, known: &Declared<'_>, found: &mut Found) {
    if !matches!(metric.text("from"), Some("application.name" | "application.version")) {
        return;
    }
    for field in ["since", "until"].into_iter().filter(|field| metric.has(field)) {
        found.add(
            metric.place(field),
            format!("{} is in every report's header and has no `{field}`", metric.name),
            "take it out",
        );
    }
    let is_named = |id: &str| metric.texts("sources").iter().any(|source| source.text == id);
    for source in known.sources.iter().filter(|source| !is_named(source.item.id.as_str())) {
        let id = &source.item.id;
        found.missing(
            metric.place("sources"),
            format!("{} is in every report's header, and `{id}` is not among its sources", metric.name),
            format!("add `{id}` to `sources`"),
        );
    }
}

/// Values that nobody knows beforehand are looked at before they leave.
fn blind_setting(metric: &Section<'_>, found: &mut Found) {
    let keys = metric.texts("keys");
    let any_name = keys.is_empty() || keys.iter().any(|key| key.text.contains('*'));
    if metric.has("detect") && metric.texts("detect").is_empty() && any_name {
        found.add(
            metric.place("detect"),
            format!("{} sends values of any name, and no detector looks at them", metric.name),
            "leave `detect` out to use all detectors, or name each key",
        );
    }
}

/// A list of harmless values says what a strict metric sends besides, and a value that a detector holds back is not sent.
fn allow_list(metric: &Section<'_>, found: &mut Found) {
    if metric.has("harmless") && !metric.flag("strict") {
        found.add(
            metric.place("harmless"),
            format!("{} has `harmless`, and is not `strict`: it sends other values as well", metric.name),
            "add `strict = true`, or take `harmless` out",
        );
    }
    let detectors = detectors(metric);
    for value in metric.texts("harmless") {
        if let Some(detector) = detectors.iter().find(|detector| detector.finds("", &value.text)) {
            found.add(
                value.at,
                format!("`harmless` of {} names `{}`, which never leaves", metric.name, value.text),
                format!("take it out: it is held back like all {}", detector.meaning()),
            );
        }
    }
}

fn header_is_declared(top: &Section<'_>, metrics: &[ReadMetric<'_>], found: &mut Found) {
    for origin in ["application.name", "application.version"] {
        let is_declared = metrics.iter().any(|metric| metric.section.text("from") == Some(origin));
        if !is_declared && top.has("metrics") {
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
        let Some(role) = role(&metric.section) else { continue };
        if seen.contains(&role) {
            let message = format!("{} is a second metric for {role}", metric.section.name);
            found.add(metric.section.at, message, "keep one of the two");
        }
        seen.push(role);
    }
}

fn role(metric: &Section<'_>) -> Option<&'static str> {
    match (metric.text("type")?, metric.text("from"), metric.text("identifies")) {
        (_, Some("application.name"), _) => Some("the application's name"),
        (_, Some("application.version"), _) => Some("the application's version"),
        ("identity", _, Some("customer")) => Some("the customer"),
        ("identity", _, Some("customer-name")) => Some("the customer's name"),
        ("identity", _, Some("user")) => Some("the user"),
        ("transport", ..) => Some("the public address"),
        _ => None,
    }
}

/// What no metric names is a promise or a threat without a meaning.
fn everything_is_used(known: &Declared<'_>, metrics: &[ReadMetric<'_>], found: &mut Found) {
    for purpose in
        known.purposes.iter().filter(|purpose| !is_named(metrics, "purposes", purpose.item.id.as_str()))
    {
        let what = format!("purpose `{}` is named by no metric", purpose.item.id);
        found.missing(purpose.at, what, "name it in a metric's `purposes`, or take it out");
    }
    for category in
        known.categories.iter().filter(|category| !is_named(metrics, "category", category.item.id.as_str()))
    {
        let what = format!("category `{}` has no metric", category.item.id);
        found.missing(category.at, what, "name it in a metric's `category`, or take it out");
    }
    for source in known.sources.iter().filter(|source| !is_named(metrics, "sources", source.item.id.as_str()))
    {
        let what = format!("source `{}` gathers nothing", source.item.id);
        found.missing(source.at, what, "name it in a metric's `sources`, or take it out");
    }
}

fn is_named(metrics: &[ReadMetric<'_>], field: &str, id: &str) -> bool {
    metrics.iter().any(|metric| {
        metric.section.text(field) == Some(id)
            || metric.section.texts(field).iter().any(|text| text.text == id)
    })
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
