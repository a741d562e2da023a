//! The detectors against a labelled corpus: how much of each class they hide, and how much of what is harmless.
//!
//! One part is written by hand (`corpus/*.tsv`: class, key, value), the other is drawn from published formats
//! (`formats.rs`) with several seeds. The seed whose misses are printed is the one the detectors were worked on with; of the
//! others only rates are shown, so that they stay a measure. `CANDOR_CORPUS_SEED` draws with one more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod draw;
mod formats;
mod odd;

use std::collections::BTreeMap;

use candor_policy::redact::{Redacting, apply};
use candor_policy::{AllowList, Detector, Entry, Redaction};

/// Hidden over all classes, at least, in percent.
const AIM_OVERALL: f64 = 97.0;
/// Hidden in each class, at least, in percent.
const AIM_PER_CLASS: f64 = 90.0;
/// Falsely hidden of what is harmless, at most, in percent.
const AIM_FALSELY: f64 = 1.0;

/// The class of values that reveal nothing.
const HARMLESS: &str = "harmless";

/// A value under a key, and what it is.
#[derive(Clone, Debug)]
struct Labelled {
    class: String,
    key: String,
    value: String,
}

/// What is written by hand.
fn written() -> Vec<Labelled> {
    let files = [
        include_str!("corpus/passwords.tsv"),
        include_str!("corpus/hosts.tsv"),
        include_str!("corpus/others.tsv"),
        include_str!("corpus/harmless.tsv"),
        include_str!("corpus/second.tsv"),
        include_str!("corpus/third.tsv"),
        include_str!("corpus/fourth.tsv"),
    ];
    files
        .into_iter()
        .flat_map(str::lines)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .map(labelled)
        .collect()
}

fn labelled(line: &str) -> Labelled {
    let mut fields = line.splitn(3, '\t').map(str::to_owned);
    let mut next = || fields.next().unwrap_or_else(|| panic!("three fields: {line}"));
    Labelled { class: next(), key: next(), value: next() }
}

fn rules(strict: Option<AllowList>) -> Redaction {
    Redaction { detectors: Detector::ALL.to_vec(), strict, ..Redaction::default() }
}

fn is_hidden(rules: &Redaction, case: &Labelled) -> bool {
    let entry = Entry::Text(case.value.clone());
    let first = apply(rules, &case.key, entry.clone());
    match first {
        Redacting::Kept(kept) => {
            assert_eq!(kept, entry);
            false
        }
        Redacting::Rewritten(hidden) => {
            let again = apply(rules, &case.key, hidden.clone());
            assert_eq!(again, Redacting::Kept(hidden), "what was hidden stays: {case:?}");
            true
        }
        Redacting::Omitted => true,
    }
}

/// How many of a class there are, and which were not treated as they should be.
#[derive(Default)]
struct Tally {
    all: usize,
    wrong: Vec<Labelled>,
}

impl Tally {
    fn percent_right(&self) -> f64 {
        100.0 * (self.all - self.wrong.len()) as f64 / self.all.max(1) as f64
    }
}

fn tally(rules: &Redaction, corpus: Vec<Labelled>) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for case in corpus {
        let of_class = tallies.entry(case.class.clone()).or_default();
        of_class.all += 1;
        if is_hidden(rules, &case) == (case.class == HARMLESS) {
            of_class.wrong.push(case);
        }
    }
    tallies
}

/// Prints the rates, and says which aims were missed.
fn check(title: &str, corpus: Vec<Labelled>, show_misses: bool) -> Vec<String> {
    let tallies = tally(&rules(None), corpus);
    let mut missed = Vec::new();
    println!("{title}");
    for (class, of_class) in &tallies {
        println!("  {:5.1} %  of {:4}  {class}", of_class.percent_right(), of_class.all);
        for case in of_class.wrong.iter().filter(|_| show_misses) {
            println!("             {:?} = {:?}", case.key, case.value);
        }
        let aim = if class == HARMLESS { 100.0 - AIM_FALSELY } else { AIM_PER_CLASS };
        if of_class.percent_right() < aim {
            missed.push(format!("{title}: {class}: {:.1} %", of_class.percent_right()));
        }
    }
    let secret = || tallies.iter().filter(|(class, _)| *class != HARMLESS).map(|(_, of_class)| of_class);
    let all: usize = secret().map(|of_class| of_class.all).sum();
    let hidden = all - secret().map(|of_class| of_class.wrong.len()).sum::<usize>();
    let percent = 100.0 * hidden as f64 / all.max(1) as f64;
    println!("  {percent:5.1} %  of {all:4}  in all {} classes", secret().count());
    if percent < AIM_OVERALL {
        missed.push(format!("{title}: overall: {percent:.1} %"));
    }
    missed
}

#[test]
fn what_reveals_is_hidden_and_what_is_harmless_is_not() {
    let mut missed = check("written by hand", written(), true);
    missed.extend(check("drawn, the seed that was worked with", draw::corpus(1), true));
    let own = std::env::var("CANDOR_CORPUS_SEED").ok().map(|seed| seed.parse().unwrap());
    for seed in (2..=6).chain(own) {
        missed.extend(check(&format!("drawn, held out: seed {seed}"), draw::corpus(seed), false));
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn the_corpus_is_large_and_has_many_classes_and_languages() {
    let corpus: Vec<Labelled> = written().into_iter().chain(draw::corpus(1)).collect();
    let tallies = tally(&rules(None), corpus);
    let secret: usize =
        tallies.iter().filter(|(class, _)| *class != HARMLESS).map(|(_, of_class)| of_class.all).sum();
    assert!(secret >= 600, "{secret}");
    assert!(tallies.len() > 20, "{}", tallies.len());
    assert!(tallies[HARMLESS].all >= 200, "{}", tallies[HARMLESS].all);
}

#[test]
fn a_strict_metric_lets_nothing_through_that_reveals() {
    let strict = rules(Some(AllowList::default()));
    let let_through: Vec<Labelled> = [1, 7]
        .into_iter()
        .flat_map(draw::corpus)
        .chain(written())
        .filter(|case| case.class != HARMLESS && !is_hidden(&strict, case))
        .collect();
    assert!(let_through.is_empty(), "{let_through:#?}");
}

#[test]
fn a_strict_metric_still_sends_what_options_are_set_to() {
    let strict = rules(Some(AllowList::default()));
    let forms: Vec<Labelled> = draw::corpus(1).into_iter().filter(|case| case.class == HARMLESS).collect();
    let hidden: Vec<_> = forms.iter().filter(|case| is_hidden(&strict, case)).collect();
    assert!(hidden.len() * 20 <= forms.len(), "{} of {}: {hidden:#?}", hidden.len(), forms.len());
}
