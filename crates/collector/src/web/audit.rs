//! `/audit`: who looked at what, and whether the log is whole.

use axum::extract::State;
use maud::{Markup, html};

use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::store::{Action, AuditEntry, Chain};

/// The newest entries that the page lists.
const ENTRIES: u32 = 500;

/// Shows the page.
pub async fn page(
    State(state): State<AppState>,
    staff: Staff,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    // Who looks here sees every failed sign-in, also those that wait to be summed up.
    state.access.sum_up_failures().await?;
    let entries = state.store.audit().newest(ENTRIES).await?;
    let chain = state.store.audit().verify().await?;
    let content = html! {
        div class="head" {
            h1 { "Audit log" }
            p class="lead" { (said(chain)) }
        }
        section class="figure" aria-label="Entries" {
            div class="figure-head" { h2 { "Newest entries" } }
            p class="caption" {
                "Every sign-in, every look at customers' data, every export and every change of policy or access. Entries are "
                "only ever added; each carries the digest of the one before, and the last is signed with this collector's key."
            }
            (table(&entries))
        }
    };
    Ok(staff.page("Audit log", Part::Audit, &view, content))
}

/// What the check found, as sentences.
fn said(chain: Chain) -> String {
    let found = chain.to_string();
    let mut letters = found.chars();
    let found =
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    match chain {
        Chain::Holds { .. } => format!("{found}."),
        _ => format!("{found}. Keep the data folder as it is, and find out who had access to it."),
    }
}

fn table(entries: &[AuditEntry]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Table: audit log" {
            table {
                caption class="unseen" { "Audit log" }
                thead {
                    tr {
                        th scope="col" class="number" { "Entry" }
                        th scope="col" { "When (UTC)" }
                        th scope="col" { "Who" }
                        th scope="col" { "What" }
                        th scope="col" { "To what" }
                    }
                }
                tbody {
                    @for entry in entries {
                        tr {
                            th scope="row" class="number" { (entry.entry) }
                            td class="date" { (entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string()) }
                            td { (entry.actor) }
                            td { (Action::parse(&entry.action).map_or(entry.action.as_str(), |action| action.title())) }
                            td { (entry.subject) }
                        }
                    }
                }
            }
        }
    }
}
