//! `/policies`: public. What is collected, in every version that was ever published, and what changed between them.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use candor_policy::{Policy, render};
use maud::{Markup, html};

use super::address::escaped;
use super::ask;
use super::failure::Failure;
use super::layout::{Page, Part};
use super::staff::MaybeStaff;
use crate::AppState;
use crate::insights::Catalogue;

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
                    h2 { a href={ "/policies/" (policy.id) } { (policy.title) } }
                    p { (policy.summary) }
                    p class="quiet" {
                        "Published by " (policy.publisher) ". Version " (policy.version) ", in force since "
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
    let policy = catalogue.versions_of(&id).next().ok_or_else(unknown)?;
    Ok(shown(policy, &catalogue, &reader))
}

/// Shows a version of a policy, or gives it as Markdown or as its manifest, byte for byte.
pub async fn version(
    State(state): State<AppState>,
    reader: MaybeStaff,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, Failure> {
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
    let address = format!("/policies/{}/{}", policy.id, escaped(&policy.version));
    let content = html! {
        p class="crumbs" {
            a href="/policies" { "Collection policies" } " · Version " (policy.version) " · "
            a href={ (address) ".md" } { "Markdown" } " · " a href={ (address) ".toml" } { "Manifest (TOML)" }
        }
        (render::html_fragment(policy))
        (history(policy, catalogue))
    };
    page(&policy.title, reader, content)
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
                                    a href={ "/policies/" (policy.id) "/" (escaped(&policy.version)) }
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
