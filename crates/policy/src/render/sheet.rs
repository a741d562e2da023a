//! What a policy's page says, whatever it is written in.

use super::phrase::{Phrase, and, or, sentence};
use crate::manifest::words::Word;
use crate::redact::harmless;
use crate::{
    AllowList, Category, ConsentMode, Dimension, Identifies, KeyPattern, Metric, MetricType, Origin, Policy,
    Redaction, RedactionForm, TextRule, TransportForm,
};

/// The page.
pub(super) struct Sheet<'p> {
    pub policy: &'p Policy,
    /// The answer, in one paragraph: what, by whom, when, how to stop it.
    pub answer: String,
    /// What is in every report, declared and technical.
    pub header: Vec<(String, String)>,
    /// What is collected, by the release that began it, oldest first.
    pub groups: Vec<Group<'p>>,
}

/// What one release began to collect.
pub(super) struct Group<'p> {
    /// "From 2015 on".
    pub heading: String,
    pub categories: Vec<(&'p Category, Vec<Item<'p>>)>,
}

/// One metric.
pub(super) struct Item<'p> {
    pub metric: &'p Metric,
    /// "What is sent", "Left out", … each with its text.
    pub rows: Vec<(&'static str, Vec<Phrase>)>,
}

impl<'p> Sheet<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        Self { policy, answer: answer(policy), header: header(policy), groups: groups(policy) }
    }
}

fn answer(policy: &Policy) -> String {
    let categories: Vec<&str> = policy.categories.iter().map(|category| category.title.as_str()).collect();
    let sources: Vec<String> =
        policy.sources.iter().map(|source| format!("{}, {}", source.title, source.schedule)).collect();
    let consent = match policy.consent_mode {
        ConsentMode::OptOut => "Collection is on unless you opt out",
        ConsentMode::OptIn => "Collection is off unless you opt in",
    };
    format!(
        "{} collects {} kinds of data, in {} groups that you can allow or refuse one by one: {}.{} These processes gather them: {}. \
         {consent}; your answer is recorded before anything is gathered. To stop it: {}",
        policy.publisher,
        policy.metrics.len(),
        categories.len(),
        and(&categories),
        needed(policy),
        sources.join("; "),
        policy.opt_out.first().map(|first| sentence(first)).unwrap_or_default(),
    )
}

/// Which groups cannot be refused alone, because of what every report carries; begins with a space.
fn needed(policy: &Policy) -> String {
    let header: Vec<&Metric> = policy.metrics.iter().filter(|metric| metric.in_header()).collect();
    let carries = |category: &&Category| header.iter().any(|metric| metric.category == category.id);
    let titles: Vec<&str> =
        policy.categories.iter().filter(carries).map(|category| category.title.as_str()).collect();
    if titles.is_empty() {
        return String::new();
    }
    let carried: Vec<&str> = header.iter().map(|metric| metric.title.as_str()).collect();
    format!(" Every report carries {}, so without {} there is none.", and(&carried), and(&titles))
}

/// The declared metrics that travel in the header, and the fields that a report cannot do without.
fn header(policy: &Policy) -> Vec<(String, String)> {
    let declared = policy
        .metrics
        .iter()
        .filter(|metric| metric.in_header())
        .map(|metric| (metric.title.clone(), metric.description.clone()));
    let technical = [
        (
            "Installation",
            "A name that follows from a key made at your site. It tells installations apart and names nobody.",
        ),
        ("Report", "A number of its own, so that a report sent twice counts once."),
        ("Policy", "Name, version and digest of this policy."),
        ("Process and period", "Which process gathered, and the span of time that the report covers."),
        (
            "Consent",
            "Which groups are allowed, when that was decided, and the digest of the entry in your own ledger.",
        ),
        (
            "What is missing",
            "The names of data that you withheld, that wait for your word, or that could not be measured, and why; never the data.",
        ),
    ];
    let technical = technical.map(|(name, text)| (name.to_owned(), text.to_owned()));
    declared.chain(technical).chain(voucher(policy)).collect()
}

/// What an enrolment shows once, before the first report; reports carry none of it.
fn voucher(policy: &Policy) -> Option<(String, String)> {
    let key = policy.collector.voucher_key?;
    let names = |metric: &&Metric| matches!(metric.kind, MetricType::Identity(Identifies::Customer));
    let mut categories: Vec<&str> = policy
        .metrics
        .iter()
        .filter(names)
        .filter_map(|metric| Some(policy.category(metric.category.as_str())?.title.as_str()))
        .collect();
    categories.dedup();
    let named = match categories.is_empty() {
        true => String::new(),
        false => format!(
            " Where you allow {}, the voucher names your organisation as {} knows it.",
            and(&categories),
            policy.publisher
        ),
    };
    let text = format!(
        "Not in the reports: once, when an installation makes its own key known, it shows the voucher that came with the \
         product, where there is one.{named} Otherwise it shows a part that is the same for all customers whose vouchers end in \
         the same year, and that says only: a licensed copy. Vouchers are signed with the key {key}."
    );
    Some(("Voucher".to_owned(), text))
}

fn groups(policy: &Policy) -> Vec<Group<'_>> {
    let rank = |metric: &Metric| metric.since.as_ref().map_or(0, |release| release.rank);
    let mut ranks: Vec<usize> = policy.metrics.iter().map(rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let group = |of_rank: usize| {
        let items = |category: &Category| -> Vec<Item<'_>> {
            let belongs = |metric: &&Metric| rank(metric) == of_rank && metric.category == category.id;
            policy.metrics.iter().filter(belongs).map(|metric| item(policy, metric)).collect()
        };
        let categories = policy.categories.iter().map(|category| (category, items(category)));
        Group {
            heading: match policy.releases.names().get(of_rank) {
                Some(release) => format!("From {release} on"),
                None => "In every version".to_owned(),
            },
            categories: categories.filter(|(_, items)| !items.is_empty()).collect(),
        }
    };
    ranks.into_iter().map(group).collect()
}

fn item<'p>(policy: &'p Policy, metric: &'p Metric) -> Item<'p> {
    let mut sent = what_is_sent(metric);
    if metric.in_header() {
        sent.push(Phrase::words("Every report carries it."));
    }
    let mut rows = vec![("What is sent", sent)];
    if let MetricType::Setting { redaction, .. } = &metric.kind {
        rows.push(("Left out", left_out(redaction)));
    }
    rows.push(("Gathered by", vec![Phrase::words(gathered_by(policy, metric))]));
    rows.push(("Why", vec![Phrase::words(why(policy, metric))]));
    rows.push(("Kept for", vec![Phrase::words(kept_for(metric.retention_months))]));
    rows.push(("Answers for it", vec![Phrase::words(metric.owner.as_str())]));
    if let Some(until) = &metric.until {
        rows.push(("Ended with", vec![Phrase::words(until.name.as_str())]));
    }
    Item { metric, rows }
}

fn what_is_sent(metric: &Metric) -> Vec<Phrase> {
    match (&metric.kind, &metric.origin) {
        (MetricType::Version, _) => vec![Phrase::words("A version, as text.")],
        (MetricType::Text(rule), _) => vec![text_rule("", rule)],
        (MetricType::Flag, _) => vec![Phrase::words("Yes or no.")],
        (MetricType::Number { minimum, maximum, unit }, _) => {
            let bounds = match (minimum, maximum) {
                (Some(low), Some(high)) => format!(" from {low} to {high}"),
                (Some(low), None) => format!(" of {low} or more"),
                (None, Some(high)) => format!(" of {high} or less"),
                (None, None) => String::new(),
            };
            vec![Phrase::words(format!("A number{bounds}, in {unit}."))]
        }
        (MetricType::Count { unit, .. }, Origin::DatabaseRowCounts { tables }) => {
            vec![Phrase::words(format!("The number of {unit} in ")).list(names(tables)).then(".")]
        }
        (MetricType::Count { keys, unit, .. }, _) => {
            vec![Phrase::words(format!("Numbers of {unit} for ")).list(names(keys)).then(".")]
        }
        (MetricType::Setting { keys, .. }, origin) => vec![settings(keys, origin)],
        (MetricType::Devices { columns }, origin) => devices(columns, origin),
        (MetricType::Usage { dimensions }, _) => broken_down(
            "How often it was done, how often it failed and how long it took, as counts per report.",
            dimensions,
        ),
        (MetricType::Flow { steps, dimensions }, _) => {
            let steps =
                Phrase::words("How many got to each step, and how many failed there: ").list(steps).then(".");
            [vec![steps], broken_down("", dimensions)].concat()
        }
        (MetricType::Identity(Identifies::Customer), _) => {
            vec![Phrase::words("Text that tells one customer from another.")]
        }
        (MetricType::Identity(Identifies::CustomerName), _) => {
            vec![Phrase::words("The customer's name, as text.")]
        }
        (MetricType::Identity(Identifies::User), _) => vec![Phrase::words(
            "A pseudonym of 64 hexadecimal digits, computed with a key that never leaves your site.",
        )],
        (MetricType::Transport(TransportForm::Whole), _) => {
            vec![Phrase::words(
                "Nothing; the collector notes the whole address that the connection comes from.",
            )]
        }
        (MetricType::Transport(TransportForm::Truncated), _) => vec![Phrase::words(
            "Nothing; the collector notes the network that the connection comes from: the first 24 bits of an IPv4 \
             address, the first 48 of an IPv6 one.",
        )],
    }
}

fn devices(columns: &[String], origin: &Origin) -> Vec<Phrase> {
    let counted = Phrase::words("How many devices there are of each combination of ").list(columns);
    let counted = if let Origin::DatabaseDevices { table, columns } = origin {
        counted.then(", from ").exact(table).then(" (columns ").list(columns).then(").")
    } else {
        counted.then(".")
    };
    vec![counted, Phrase::words("A combination that one device alone has is sent with the count 1.")]
}

fn settings(keys: &[KeyPattern], origin: &Origin) -> Phrase {
    match origin {
        Origin::DatabaseColumns { tables } => Phrase::words("The value of each column of ")
            .list(names(tables))
            .then(", where * stands for any characters."),
        Origin::DatabaseRows { table, key_column, value_column } => {
            let which = if keys.iter().any(|key| key.as_str() == "*") {
                Phrase::words("Every name and value of ")
            } else {
                Phrase::words("The values of ").list(names(keys)).then(" in ")
            };
            which.exact(table).then(" (columns ").list([key_column, value_column]).then(").")
        }
        Origin::ApplicationName
        | Origin::ApplicationVersion
        | Origin::OsVersion
        | Origin::OsLocale
        | Origin::DatabaseProduct
        | Origin::DatabaseVersion
        | Origin::DatabaseEdition
        | Origin::DatabaseRowCounts { .. }
        | Origin::DatabaseDevices { .. }
        | Origin::Given
        | Origin::Recorded
        | Origin::Connection => Phrase::words("The values of ").list(names(keys)).then("."),
    }
}

fn broken_down(opening: &str, dimensions: &[Dimension]) -> Vec<Phrase> {
    let opening = (!opening.is_empty()).then(|| Phrase::words(opening));
    let by =
        dimensions.iter().map(|dimension| text_rule(&format!("By {}: ", dimension.title), &dimension.values));
    opening.into_iter().chain(by).collect()
}

fn text_rule(opening: &str, rule: &TextRule) -> Phrase {
    // Without an opening, the rule's own words begin the sentence.
    let in_place = |words: &str| match (opening, words.split_at(1)) {
        ("", (first, rest)) => format!("{}{rest}", first.to_uppercase()),
        _ => words.to_owned(),
    };
    match rule {
        TextRule::OneOf(values) => Phrase::words(opening).then(in_place("one of ")).list(values).then("."),
        TextRule::Pattern { pattern, longest } => {
            let pattern = unanchored(pattern.as_str());
            Phrase::words(opening)
                .then(in_place(&format!("text of at most {longest} bytes that matches ")))
                .exact(pattern)
                .then(".")
        }
    }
}

/// The pattern as the manifest has it, without the anchors that its reader put around it.
fn unanchored(pattern: &str) -> &str {
    pattern.strip_prefix(r"\A(?:").and_then(|rest| rest.strip_suffix(r")\z")).unwrap_or(pattern)
}

fn left_out(redaction: &Redaction) -> Vec<Phrase> {
    let mut lines = Vec::new();
    if !redaction.except.is_empty() {
        lines.push(Phrase::words("Never read, never sent: ").list(names(&redaction.except)).then("."));
    }
    for (_, form, _) in RedactionForm::WORDS {
        let named: Vec<&str> =
            redaction.named.iter().filter(|(_, of)| of == form).map(|(name, _)| name.as_str()).collect();
        let opening = match form {
            RedactionForm::Omit => "Left out: ",
            RedactionForm::InUse => "Sent as “in use”, without the value: ",
            RedactionForm::Hash => "Sent as a hash keyed with a secret of your site: ",
            RedactionForm::Bucket => "Sent as a power of ten, such as 10-99: ",
        };
        if !named.is_empty() {
            lines.push(Phrase::words(opening).list(named).then("."));
        }
    }
    if !redaction.detectors.is_empty() {
        let found: Vec<&str> = redaction.detectors.iter().map(|detector| detector.meaning()).collect();
        lines.push(Phrase::words(format!(
            "Sent as “in use”, without the value, whatever its name, where the value holds {}.",
            or(&found)
        )));
    }
    if let Some(allowed) = &redaction.strict {
        lines.extend(strict(allowed));
    }
    lines
}

/// What a strict metric sends, and that it sends nothing else.
fn strict(allowed: &AllowList) -> Vec<Phrase> {
    let known = Phrase::words(format!(
        "Sent as “in use”, without the value, unless the value is known to reveal nothing: {}.",
        or(&harmless::FORMS)
    ));
    let named = Phrase::words("Also known to reveal nothing: ").list(&allowed.harmless).then(".");
    if allowed.harmless.is_empty() { vec![known] } else { vec![known, named] }
}

fn names(patterns: &[KeyPattern]) -> impl Iterator<Item = &str> {
    patterns.iter().map(KeyPattern::as_str)
}

fn gathered_by(policy: &Policy, metric: &Metric) -> String {
    let sources = metric.sources.iter().filter_map(|id| policy.source(id.as_str()));
    and(&sources.map(|source| source.title.as_str()).collect::<Vec<_>>())
}

fn why(policy: &Policy, metric: &Metric) -> String {
    let purposes = metric.purposes.iter().filter_map(|id| policy.purpose(id.as_str()));
    purposes.map(|purpose| purpose.title.as_str()).collect::<Vec<_>>().join("; ")
}

/// "18 months", "2 years".
pub(super) fn kept_for(months: u32) -> String {
    match (months / 12, months % 12) {
        (1, 0) => "1 year".to_owned(),
        (years, 0) => format!("{years} years"),
        (0, 1) => "1 month".to_owned(),
        _ => format!("{months} months"),
    }
}
