//! `/settings`: how options are set, all of them and one of them.

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::ask::{self, Asked};
use super::failure::Failure;
use super::filters::{self, Extra};
use super::layout::Part;
use super::pages_of;
use super::staff::Staff;
use super::{address, figures};
use crate::AppState;
use crate::insights::limits::SETTINGS_PER_PAGE;
use crate::insights::{Address, KeyOf};

/// Shows all settings.
pub async fn page(State(state): State<AppState>, staff: Staff, asked: Asked) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let [mut settings] = ask::figures(&state, &staff, &view, ["settings"]).await?;
    let offered = ask::offered(&state, &view).await?;
    let pages = pages_of::cut(&mut settings.table, view.page, SETTINGS_PER_PAGE);
    let extra = Extra {
        customer: true,
        fields: Some(filters::search("Name of the setting contains", &view)),
        ..Extra::default()
    };
    let content = html! {
        div class="head" {
            h1 { "Settings" }
            p class="lead" { (settings.answer) }
        }
        (filters::form("/settings", &view, &offered, extra))
        section class="figure" aria-label="How settings are set" {
            div class="figure-head" { h2 { "How they are set" } (figures::takeaway(&settings, &view)) }
            (figures::long_body(&settings, &view))
            (pages.links("/settings", &view))
        }
    };
    Ok(staff.page("Settings", Part::Settings, &view, content))
}

/// Shows one setting.
pub async fn setting(
    State(state): State<AppState>,
    staff: Staff,
    Path((policy, metric, key)): Path<(String, String, String)>,
    asked: Asked,
) -> Result<Markup, Failure> {
    let mut view = ask::view(&state, &asked).await?;
    let key = KeyOf { policy, metric, key };
    if view.catalogue.metric(&key.metric_of()).is_none() {
        return Err(Failure::NotFound("setting of that name".to_owned()));
    }
    let path = address::of(&Address::Setting(key.clone()), &Default::default());
    view.question.key = Some(key);
    let [setting] = ask::figures(&state, &staff, &view, ["setting"]).await?;
    let offered = ask::offered(&state, &view).await?;
    let content = html! {
        div class="head" {
            p class="crumbs" { a href=(address::with("/settings", &view.filter.parameters())) { "Settings" } }
            h1 { (setting.title) }
            p class="lead" { (setting.answer) }
        }
        (filters::form(&path, &view, &offered, Extra::default()))
        section class="figure" aria-label="How it is set" {
            div class="figure-head" { h2 { "How it is set" } (figures::takeaway(&setting, &view)) }
            (figures::long_body(&setting, &view))
        }
    };
    Ok(staff.page(&setting.title, Part::Settings, &view, content))
}
