//! The sheet as HTML.

use maud::{DOCTYPE, Markup, html};

use super::phrase::{Inline, Phrase, sentence};
use super::sheet::{Item, Sheet};
use crate::manifest::words::Word;
use crate::{ConsentMode, Policy};

/// A whole page.
pub(super) fn page(sheet: &Sheet<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sheet.policy.title) ", version " (sheet.policy.version) }
                style { (maud::PreEscaped(super::TOKENS)) (maud::PreEscaped(super::STYLE)) }
            }
            body class="policy-page" { main { (fragment(sheet)) } }
        }
    }
}

/// The page's content.
pub(super) fn fragment(sheet: &Sheet<'_>) -> Markup {
    let policy = sheet.policy;
    html! {
        article class="policy" {
            (opening(sheet))
            (contents())
            (opt_out(policy))
            (processes(policy))
            (collected(sheet))
            (every_report(sheet))
            (purposes(policy))
            (readers(policy))
            (about(policy))
        }
    }
}

fn opening(sheet: &Sheet<'_>) -> Markup {
    let policy = sheet.policy;
    html! {
        header {
            p class="publisher" { (policy.publisher) }
            h1 { (policy.title) }
            p class="edition" {
                "Version " (policy.version) ", in effect from "
                time datetime=(policy.effective) { (policy.effective) }
            }
            p class="summary" { (policy.summary) }
        }
        section class="answer" aria-labelledby="in-short" {
            h2 id="in-short" { "In short" }
            p { (sheet.answer) }
        }
    }
}

fn contents() -> Markup {
    let entries = [
        ("opt-out", "How to stop it"),
        ("processes", "Who gathers, and when"),
        ("collected", "What is collected"),
        ("every-report", "What every report carries"),
        ("purposes", "Why"),
        ("readers", "Who sees it"),
        ("about", "About this policy"),
    ];
    html! {
        nav aria-label="On this page" {
            ul { @for (anchor, title) in entries { li { a href={ "#" (anchor) } { (title) } } } }
        }
    }
}

fn opt_out(policy: &Policy) -> Markup {
    let first = match policy.consent_mode {
        ConsentMode::OptOut => {
            "Collection is on unless you opt out. Nothing is gathered before your answer is recorded."
        }
        ConsentMode::OptIn => {
            "Collection is off unless you opt in. Nothing is gathered before your answer is recorded."
        }
    };
    html! {
        section aria-labelledby="opt-out" {
            h2 id="opt-out" { "How to stop it" }
            p { (first) }
            ul { @for step in &policy.opt_out { li { (sentence(step)) } } }
            p class="note" {
                "Opting out stops gathering, not only sending, in every process of your site at once. Data that waits to be "
                "sent is deleted. You can also refuse single groups and keep the others."
            }
        }
    }
}

fn processes(policy: &Policy) -> Markup {
    html! {
        section aria-labelledby="processes" {
            h2 id="processes" { "Who gathers, and when" }
            table {
                thead { tr { th scope="col" { "Process" } th scope="col" { "When" } th scope="col" { "For" } } }
                tbody {
                    @for source in &policy.sources {
                        tr {
                            th scope="row" { (source.title) " " span class="kind" { (source.kind.meaning()) } }
                            td data-label="When" { (sentence(&source.schedule)) }
                            td data-label="For" { (source.applications.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

fn collected(sheet: &Sheet<'_>) -> Markup {
    html! {
        section aria-labelledby="collected" {
            h2 id="collected" { "What is collected" }
            p {
                "This is the whole list. What is not on it is not gathered, does not leave your site, and is not stored if it "
                "arrives."
            }
            @for group in &sheet.groups {
                h3 class="release" { (group.heading) }
                @for (category, items) in &group.categories {
                    div class="category" {
                        h4 { (category.title) }
                        p class="note" { (category.description) }
                        @for item in items { (metric(item)) }
                    }
                }
            }
        }
    }
}

fn metric(item: &Item<'_>) -> Markup {
    html! {
        section class="metric" id={ "metric-" (item.metric.id) } {
            h5 {
                (item.metric.title)
                " " span class={ "tag " (item.metric.sensitivity.word()) } title=(item.metric.sensitivity.meaning()) {
                    (item.metric.sensitivity.word())
                }
            }
            p { (item.metric.description) }
            dl {
                @for (label, lines) in &item.rows {
                    div {
                        dt { (label) }
                        dd { @for line in lines { p { (phrase(line)) } } }
                    }
                }
            }
        }
    }
}

fn phrase(phrase: &Phrase) -> Markup {
    html! {
        @for piece in &phrase.0 {
            @match piece {
                Inline::Words(words) => (words),
                Inline::Exact(name) => code { (name) },
            }
        }
    }
}

fn every_report(sheet: &Sheet<'_>) -> Markup {
    html! {
        section aria-labelledby="every-report" {
            h2 id="every-report" { "What every report carries" }
            p { "Beside the data, each report says where it belongs:" }
            dl class="plain" {
                @for (name, text) in &sheet.header { div { dt { (name) } dd { (text) } } }
            }
        }
    }
}

fn purposes(policy: &Policy) -> Markup {
    html! {
        section aria-labelledby="purposes" {
            h2 id="purposes" { "Why" }
            dl class="plain" {
                @for purpose in &policy.purposes { div { dt { (purpose.title) } dd { (purpose.description) } } }
            }
        }
    }
}

fn readers(policy: &Policy) -> Markup {
    html! {
        section aria-labelledby="readers" {
            h2 id="readers" { "Who sees it" }
            ul { @for reader in &policy.readers { li { (sentence(reader)) } } }
        }
    }
}

fn about(policy: &Policy) -> Markup {
    html! {
        section class="about" aria-labelledby="about" {
            h2 id="about" { "About this policy" }
            dl class="plain" {
                div { dt { "Policy" } dd { code { (policy.id) } ", version " (policy.version) } }
                div { dt { "In effect from" } dd { (policy.effective) } }
                div { dt { "Questions" } dd { (policy.contact) } }
                div { dt { "Data goes to" } dd { code { (policy.collector.url) } " and nowhere else" } }
                div { dt { "Receipts are signed with" } dd { code { (policy.collector.public_key) } } }
                div { dt { "Digest of the manifest" } dd { code { (policy.digest) } } }
            }
        }
    }
}
