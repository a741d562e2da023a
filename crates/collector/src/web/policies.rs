//! `/policies`: public. What is collected, in every version that was ever published, and what changed between them.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use candor_policy::diff::{Change, Effect, Subject, diff};
use candor_policy::{Policy, render};
use maud::{Markup, html};

use super::address;
use super::ask;
use super::failure::Failure;
use super::layout::{Page, Part};
use super::staff::MaybeStaff;
use crate::AppState;
use crate::insights::Catalogue;
use candor_web::{from_segment, segment};

/// Shows all programmes.
pub async fn list(State(state): State<AppState>, reader: MaybeStaff) -> Result<Markup, Failure> {
    let catalogue = ask::catalogue(&state).await?;
    let content = html! {
        div class="head" {
            h1 { "Collection policies" }
            p class="lead" {
                @if catalogue.newest().next().is_none() { "No policy is published here yet." }
                @else { "What is collected, why, for how long, who sees it, and how to opt out. Nothing else is kept." }
            }
        }
        @if catalogue.newest().next().is_none() {
            p class="empty" {
                "A policy appears here as soon as it is published: "
                code { "candor-collector policy publish FILE --data DIR" } "."
            }
        }
        ul class="policy-list" {
            @for policy in catalogue.newest() {
                li {
                    h2 { a href={ "/policies/" (segment(policy.id.as_str())) } { (policy.title) } }
                    p { (policy.summary) }
                    p class="quiet" {
                        "Published by " (policy.publisher) ". Version " (policy.version) ", in effect since "
                        time datetime=(policy.effective) { (policy.effective) } "."
                    }
                }
            }
        }
    };
    Ok(page("Collection policies", &reader, content))
}

/// Shows the newest version of a policy.
pub async fn newest(
    State(state): State<AppState>,
    reader: MaybeStaff,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let catalogue = ask::catalogue(&state).await?;
    let policy = catalogue.versions_of(&from_segment(&id)).next().ok_or_else(unknown)?;
    Ok(shown(policy, &catalogue, &reader))
}

/// Shows a version of a policy, or gives it as Markdown, as its manifest, byte for byte, or the manifest's signature: the 64
/// bytes of RFC 8032, as `openssl pkeyutl -verify` reads them.
pub async fn version(
    State(state): State<AppState>,
    reader: MaybeStaff,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (id, version) = (from_segment(&id), from_segment(&version));
    let catalogue = ask::catalogue(&state).await?;
    if let Some(policy) = catalogue.version(&id, &version) {
        return Ok(shown(policy, &catalogue, &reader).into_response());
    }
    let (version, ending) = version.rsplit_once('.').ok_or_else(unknown)?;
    let policy = catalogue.version(&id, version).ok_or_else(unknown)?;
    let as_type = |media_type: &'static str| [(header::CONTENT_TYPE, media_type)];
    match ending {
        "md" => Ok((as_type("text/markdown; charset=utf-8"), render::markdown(policy)).into_response()),
        "toml" => Ok((as_type("application/toml; charset=utf-8"), policy.manifest.clone()).into_response()),
        "sig" => {
            let published = state.store.policies().find(&policy.digest).await?.ok_or_else(unknown)?;
            Ok((as_type("application/octet-stream"), published.signature).into_response())
        }
        _ => Err(unknown()),
    }
}

fn unknown() -> Failure {
    Failure::NotFound("policy of that name and version".to_owned())
}

fn page(title: &str, reader: &MaybeStaff, content: Markup) -> Markup {
    let part = Some(Part::Policies);
    Page { title, part, reader: reader.reader(), kept: "", shows_policy: true, content }.into_markup()
}

fn shown(policy: &Policy, catalogue: &Catalogue, reader: &MaybeStaff) -> Markup {
    let address = address::policy(policy.id.as_str(), &policy.version);
    let content = html! {
        p class="crumbs" {
            a href="/policies" { "Collection policies" } " · Version " (policy.version) " · "
            a href={ (address) ".md" } { "Markdown" } " · " a href={ (address) ".toml" } { "Manifest (TOML)" }
            " · " a href={ (address) ".sig" } { "Signature (Ed25519)" }
        }
        (render::html_fragment(policy))
        (differences(policy, catalogue))
        (history(policy, catalogue))
    };
    page(&policy.title, reader, content)
}

/// What changed since the version before; nothing where there is none.
fn differences(shown: &Policy, catalogue: &Catalogue) -> Markup {
    let mut older =
        catalogue.versions_of(shown.id.as_str()).skip_while(|policy| policy.version != shown.version);
    let Some(before) = older.nth(1) else { return html! {} };
    let difference = diff(before, shown);
    let effects = [
        (Effect::Widened, "More is collected, kept, shown or used"),
        (Effect::Narrowed, "Less is"),
        (Effect::Reworded, "Only reworded"),
    ];
    html! {
        section class="figure reading" aria-labelledby="changes" {
            h2 id="changes" { "What changed since version " (before.version) }
            p class="answer" { (asked_again(difference.needs_consent.len())) }
            @for (effect, heading) in effects {
                @if difference.of(effect).next().is_some() {
                    h3 { (heading) }
                    ul class="differences" {
                        @for change in difference.of(effect) {
                            li { b { (subject(change, shown, before)) } ": " (change.text) }
                        }
                    }
                }
            }
        }
    }
}

fn asked_again(metrics: usize) -> String {
    match metrics {
        0 => {
            "No administrator is asked again: nothing is collected that was not agreed to before.".to_owned()
        }
        1 => "1 metric stays at the site until an administrator has seen the change and agreed to it."
            .to_owned(),
        many => {
            format!(
                "{many} metrics stay at the site until an administrator has seen the change and agreed to it."
            )
        }
    }
}

/// What a change is about, by its title; a metric that is gone has it in the version before.
fn subject(change: &Change, shown: &Policy, before: &Policy) -> String {
    let title = match &change.subject {
        Subject::Policy => Some("The policy".to_owned()),
        Subject::Source(id) => {
            [shown, before].iter().find_map(|policy| Some(policy.source(id.as_str())?.title.clone()))
        }
        Subject::Purpose(id) => {
            [shown, before].iter().find_map(|policy| Some(policy.purpose(id.as_str())?.title.clone()))
        }
        Subject::Category(id) => {
            [shown, before].iter().find_map(|policy| Some(policy.category(id.as_str())?.title.clone()))
        }
        Subject::Metric(id) => {
            [shown, before].iter().find_map(|policy| Some(policy.metric(id.as_str())?.title.clone()))
        }
    };
    title.unwrap_or_else(|| "Something else".to_owned())
}

/// All versions, newest first.
fn history(shown: &Policy, catalogue: &Catalogue) -> Markup {
    html! {
        section class="figure reading" aria-labelledby="history" {
            h2 id="history" { "Versions of this policy" }
            div class="scroll" tabindex="0" role="region" aria-label="Table: versions of this policy" {
                table {
                    caption class="unseen" { "Versions of this policy" }
                    thead { tr { th scope="col" { "Version" } th scope="col" { "In force since" } th scope="col" { "Digest" } } }
                    tbody {
                        @for policy in catalogue.versions_of(shown.id.as_str()) {
                            tr {
                                th scope="row" {
                                    a href=(address::policy(policy.id.as_str(), &policy.version))
                                        aria-current=[(policy.version == shown.version).then_some("page")] {
                                        (policy.version)
                                    }
                                }
                                td class="date" { time datetime=(policy.effective) { (policy.effective) } }
                                td { code { (policy.digest) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
