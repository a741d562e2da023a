//! `/modules`: where modules are used, how they grow, and who uses one of them.

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::address;
use super::ask::{self, Asked};
use super::failure::Failure;
use super::figures;
use super::filters::{self, Extra};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::{Address, KeyOf};

/// Shows all modules.
pub async fn page(State(state): State<AppState>, staff: Staff, asked: Asked) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let [modules, growth] = ask::figures(&state, &staff, &view, ["modules", "module-growth"]).await?;
    let offered = ask::offered(&state, &view).await?;
    let content = html! {
        div class="head" {
            h1 { "Modules" }
            p class="lead" { (modules.answer) }
        }
        (filters::form("/modules", &view, &offered, Extra { customer: true, ..Extra::default() }))
        (figures::section_of_lead(&modules, &view))
        (figures::section(&growth, &view))
    };
    Ok(staff.page("Modules", Part::Modules, &view, content))
}

/// Shows who uses one module.
pub async fn module(
    State(state): State<AppState>,
    staff: Staff,
    Path((policy, metric, key)): Path<(String, String, String)>,
    asked: Asked,
) -> Result<Markup, Failure> {
    let mut view = ask::view(&state, &asked).await?;
    let key = KeyOf { policy, metric, key };
    if view.catalogue.metric(&key.metric_of()).is_none() {
        return Err(Failure::NotFound("module of that name".to_owned()));
    }
    let path = address::of(&Address::Module(key.clone()), &Default::default());
    view.question.key = Some(key);
    let [users] = ask::figures(&state, &staff, &view, ["module-customers"]).await?;
    let offered = ask::offered(&state, &view).await?;
    let content = html! {
        div class="head" {
            p class="crumbs" { a href=(address::with("/modules", &view.filter.parameters())) { "Modules" } }
            h1 { (users.title) }
            p class="lead" { (users.answer) }
        }
        (filters::form(&path, &view, &offered, Extra::default()))
        section class="figure" aria-label="Who uses it" {
            div class="figure-head" { h2 { "Who uses it" } (figures::takeaway(&users, &view)) }
            (figures::long_body(&users, &view))
        }
    };
    Ok(staff.page(&users.title, Part::Modules, &view, content))
}
