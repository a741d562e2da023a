//! What a customer says of itself now, and since when: the newest word on each metric, and what its newest try could not
//! measure. It names a customer; whoever renders it writes to the audit log first.

use std::collections::BTreeMap;

use candor_policy::Carrier;
use jiff::Timestamp;

use super::customers::day;
use super::words::{counted, grouped, listed, plain, shortened};
use super::{Cell, Figure, Table, View};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, FactRow, SourceSeen};

/// What a customer says of itself now.
pub(super) fn facts(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let all = view.catalogue.metrics(|_| true);
    let rows = reader.customer_words(&view.slice, &all)?;
    let sources = reader.customer_sources(&view.slice)?;
    let silent: Silent = reader.silent_installations(&view.slice)?.into_iter().collect();
    let of_metric = |one: &FactRow, other: &FactRow| {
        (&one.installation, &one.metric) == (&other.installation, &other.metric)
    };
    let mut lines: Vec<Line<'_>> = rows.chunk_by(of_metric).flat_map(lines_of).collect();
    lines.retain(|line| !is_outdated(line, &sources, view));
    let mut figure = figure(&lines, &silent, view);
    if lines.is_empty() && !rows.is_empty() {
        figure.answer =
            "All that this customer reports comes in parts, such as its modules and settings.".to_owned();
        figure.empty = "Facts that are one value appear here with the first report that has one.".to_owned();
    }
    Ok(figure)
}

/// A word that holds, and the first day of the unbroken run that says the same.
#[derive(Clone, Copy)]
struct Word<'a> {
    newest: &'a FactRow,
    since: Timestamp,
}

/// A line of the table: what holds of a metric or of a key of it, what its newest try could not measure, or both.
struct Line<'a> {
    word: Option<Word<'a>>,
    failed: Option<Word<'a>>,
}

impl<'a> Line<'a> {
    /// What the line speaks of: the newer of both.
    fn newest(&self) -> Option<&'a FactRow> {
        self.failed.or(self.word).map(|word| word.newest)
    }

    fn is_withheld(&self) -> bool {
        self.word.is_some_and(|word| word.newest.state == "withheld")
    }

    /// Whether it is withheld because nobody there was asked yet.
    fn waits_to_be_accepted(&self) -> bool {
        self.is_withheld() && self.word.is_some_and(|word| word.newest.text.is_some())
    }
}

type ByKey<'a> = BTreeMap<Option<&'a str>, Word<'a>>;

/// The lines of one installation's metric, from all its words, oldest first.
fn lines_of(rows: &[FactRow]) -> Vec<Line<'_>> {
    let (mut words, mut failed) = (ByKey::new(), ByKey::new());
    for report in rows.chunk_by(|one, other| one.seq == other.seq) {
        take_in(report, &mut words, &mut failed);
    }
    let mut keys: Vec<Option<&str>> = failed.keys().copied().collect();
    // The word on the whole metric stands by itself; what was said key by key stands on pages of its own.
    let whole = words.get(&None).is_some_and(|word| !matches!(word.newest.state.as_str(), "parts" | "none"));
    if whole && !failed.contains_key(&None) {
        keys.insert(0, None);
    }
    keys.into_iter()
        .map(|key| Line { word: words.get(&key).copied(), failed: failed.get(&key).copied() })
        .collect()
}

/// What one report changes. One that says something replaces all but the keys that it could not measure; one that measured
/// nothing replaces no value.
fn take_in<'a>(report: &'a [FactRow], words: &mut ByKey<'a>, failed: &mut ByKey<'a>) {
    let (tried, said): (Vec<&FactRow>, Vec<&FactRow>) =
        report.iter().partition(|row| row.state == "not-measured");
    if !said.is_empty() {
        words.retain(|key, _| {
            let is_said = said.iter().any(|row| row.key.as_deref() == *key);
            is_said || tried.iter().any(|row| row.key.is_none() || row.key.as_deref() == *key)
        });
        said.iter().for_each(|row| hear(words, row));
    } else if words.values().any(|word| word.newest.state == "withheld") {
        words.clear();
    }
    failed.retain(|key, _| tried.iter().any(|row| row.key.as_deref() == *key));
    tried.iter().for_each(|row| hear(failed, row));
}

fn hear<'a>(words: &mut ByKey<'a>, row: &'a FactRow) {
    let says_the_same =
        |one: &FactRow| (&one.state, &one.text, one.number) == (&row.state, &row.text, row.number);
    let since = words.get(&row.key.as_deref()).filter(|last| says_the_same(last.newest));
    let since = since.map_or(row.ended, |last| last.since);
    words.insert(row.key.as_deref(), Word { newest: row, since });
}

/// Whether a metric that no report says anything of, such as an address that the collector takes from the connection, was
/// withheld once and is no more: a later report of a source that gathers it did not withhold it.
fn is_outdated(line: &Line<'_>, sources: &[SourceSeen], view: &View) -> bool {
    let Some(word) = line.word.map(|word| word.newest).filter(|_| line.is_withheld()) else { return false };
    let is_silent = |metric: &candor_policy::Metric| {
        metric.id.as_str() == word.metric.metric
            && matches!(metric.carrier(), Carrier::Connection | Carrier::Usage | Carrier::Flows)
    };
    let gathers = |seen: &SourceSeen| {
        let policy = view.catalogue.version(&seen.policy, &seen.policy_version)?;
        let source = policy.source(&seen.source)?;
        policy.gathered(&source.id, &seen.version).find(|metric| is_silent(metric))
    };
    sources.iter().any(|seen| {
        (&seen.installation, &seen.policy) == (&word.installation, &word.metric.policy)
            && (seen.ended, seen.seq) > (word.ended, word.seq)
            && gathers(seen).is_some()
    })
}

/// Silent installations, with the day on which each was last heard from.
type Silent = BTreeMap<String, Timestamp>;

fn figure(lines: &[Line<'_>], silent: &Silent, view: &View) -> Figure {
    let mut table =
        Table::new(["Metric", "Value", "Since", "Last said", "Newest try", "Installation", "State"]);
    for line in lines {
        let (Some(newest), Some(shown)) = (line.newest(), line.word.or(line.failed)) else { continue };
        table.push(vec![
            Cell::text(title(newest, view)),
            Cell::text(value(shown.newest)),
            Cell::Day(day(shown.since)),
            Cell::Day(day(shown.newest.ended)),
            line.failed.map_or(Cell::Missing, |failed| Cell::text(failure(failed.newest))),
            Cell::text(shortened(&newest.installation)),
            Cell::text(match silent.get(&newest.installation) {
                Some(last) => format!("silent since {}", day(*last)),
                None => "reporting".to_owned(),
            }),
        ]);
    }
    let is_silent =
        |line: &&Line<'_>| line.newest().is_some_and(|row| silent.contains_key(&row.installation));
    let of_silent = lines.iter().filter(is_silent).count();
    Figure {
        title: if of_silent > 0 && of_silent == lines.len() { "Last facts" } else { "Current facts" }.to_owned(),
        answer: match (of_silent, silent.values().max()) {
            (1.., Some(last)) if of_silent == lines.len() => format!(
                "Nothing has been heard since {}, and what holds now is not known. What was said last: {}",
                day(*last),
                answer(lines, view)
            ),
            (1.., Some(last)) => format!(
                "{} {} of what {} said last, on {} or before.",
                answer(lines, view),
                counted(of_silent, "line is", "lines are"),
                counted(silent.len(), "silent installation", "silent installations"),
                day(*last)
            ),
            _ => answer(lines, view),
        },
        caption: "Withheld: left out by the customer's own rule. Held: new or wider in the policy, and not yet accepted \
                  there. Not measured: the newest report that speaks of it has no value, for the reason that is named; a \
                  value that was said before stands beside it, with its own days. None of them is zero, and none is unknown."
            .to_owned(),
        table,
        empty: "Facts appear here with this customer's first report.".to_owned(),
        ..Figure::default()
    }
}

fn answer(lines: &[Line<'_>], view: &View) -> String {
    if lines.is_empty() {
        return "This customer has reported no facts.".to_owned();
    }
    let (held, withheld): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
        lines.iter().filter(|line| line.is_withheld()).partition(|line| line.waits_to_be_accepted());
    let titles = |lines: &[&Line<'_>]| -> Vec<String> {
        lines.iter().filter_map(|line| Some(title(line.newest()?, view))).collect()
    };
    let known = lines.iter().filter(|line| line.word.is_some() && !line.is_withheld()).count();
    let known = counted(known, "fact is known", "facts are known");
    let mut rule = match withheld.len() {
        0 => "Its own rules withhold nothing".to_owned(),
        _ => format!("Its own rules withhold {}", listed(&titles(&withheld))),
    };
    if !held.is_empty() {
        rule = format!("{rule}; to be accepted there: {}", listed(&titles(&held)));
    }
    match lines.iter().filter(|line| line.failed.is_some()).count() {
        0 => format!("{known}. {rule}."),
        missing => format!("{known}. {rule}; {} could not be measured.", grouped(missing as i64)),
    }
}

fn title(row: &FactRow, view: &View) -> String {
    let title = view.catalogue.title(&row.metric);
    row.key.as_ref().map_or(title.clone(), |key| format!("{title}: {key}"))
}

fn value(row: &FactRow) -> String {
    match (row.state.as_str(), &row.text, row.number) {
        ("withheld", Some(held), _) => held.clone(),
        ("withheld" | "unset" | "none", ..) => row.state.clone(),
        ("in-use", ..) => "in use".to_owned(),
        ("not-measured", ..) => format!("not measured: {}", reason(row)),
        (_, Some(text), _) => text.clone(),
        (_, None, Some(number)) => plain(number),
        (_, None, None) => "in parts".to_owned(),
    }
}

fn failure(row: &FactRow) -> String {
    format!("{}: {}", day(row.ended), reason(row))
}

fn reason(row: &FactRow) -> String {
    row.text.as_deref().unwrap_or("no reason given").replace('-', " ")
}
