//! `/modules`: where modules are used, and how they grow.

use axum::extract::State;
use maud::{Markup, html};

use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::figures;
use super::filters::{self, FilterOptions};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::figures::{MODULE_GROWTH, MODULES};

/// Shows all modules.
pub async fn page(
    State(state): State<AppState>,
    staff: Staff,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let [modules, growth] = ask::figures(&state, &staff, &view, [MODULES, MODULE_GROWTH]).await?;
    let offered = ask::offered(&state, &view).await?;
    let content = html! {
        div class="head" {
            h1 { "Modules" }
            p class="lead" { (modules.answer) }
        }
        (filters::form("/modules", &view, &offered, FilterOptions { customer: true, ..FilterOptions::default() }))
        (figures::section_of_lead(&modules, &view))
        (figures::section(&growth, &view))
    };
    Ok(staff.page("Modules", Part::Modules, &view, content))
}
