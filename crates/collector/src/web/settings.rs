//! `/settings`: how options are set.

use axum::extract::State;
use candor_web::figure::Pages;
use maud::{Markup, html};

use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::figures;
use super::filters::{self, FilterOptions};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::figures::SETTINGS;
use crate::insights::limits::SETTINGS_PER_PAGE;

/// Shows all settings.
pub async fn page(
    State(state): State<AppState>,
    staff: Staff,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let [mut settings] = ask::figures(&state, &staff, &view, [SETTINGS]).await?;
    let offered = ask::offered(&state, &view).await?;
    let pages = Pages::cut(&mut settings.table, view.page, SETTINGS_PER_PAGE);
    let extra = FilterOptions {
        customer: true,
        fields: Some(filters::search("Name of the setting contains", &view)),
        ..FilterOptions::default()
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
            (figures::page_links(pages, "/settings", &view))
        }
    };
    Ok(staff.page("Settings", Part::Settings, &view, content))
}
