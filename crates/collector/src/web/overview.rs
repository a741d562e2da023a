//! `/`: who reports, which versions they have, what was not kept, what was refused, what came last.

use axum::extract::State;
use maud::{Markup, html};

use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::figures;
use super::filters::{self, FilterOptions};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::figures::{LAST_REPORTS, LOSSES, REFUSALS, REPORTING, VERSIONS};
use crate::insights::installed_base::columns;
use crate::insights::limits::SILENCE_DAYS;
use crate::insights::{Cell, Figure, losses};

/// Shows the page.
pub async fn page(
    State(state): State<AppState>,
    staff: Staff,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let asked = [REPORTING, VERSIONS, LOSSES, LAST_REPORTS, REFUSALS];
    let [reporting, versions, losses, last, refusals] = ask::figures(&state, &staff, &view, asked).await?;
    let offered = ask::offered(&state, &view).await?;
    let content = html! {
        div class="head" {
            h1 { "Overview" }
            p class="lead" { (reporting.answer) " " (versions.answer) }
        }
        (filters::form("/", &view, &offered, FilterOptions { customer: true, ..FilterOptions::default() }))
        (key_numbers(&reporting, &losses))
        div class="pair" {
            (figures::section_of_lead(&reporting, &view))
            (figures::section_of_lead(&versions, &view))
        }
        (figures::section(&last, &view))
        (figures::section(&losses, &view))
        (figures::section(&refusals, &view))
    };
    Ok(staff.page("Overview", Part::Overview, &view, content))
}

/// The newest month's numbers, large: the first row of the figure's table.
fn key_numbers(reporting: &Figure, losses: &Figure) -> Markup {
    let newest = |column: &str| reporting.table.cells(column).next().map(Cell::shown).unwrap_or_default();
    let lost: i64 = losses.table.cells(losses::VALUES).filter_map(Cell::as_count).sum();
    if reporting.table.rows.is_empty() {
        return html! {};
    }
    html! {
        dl class="numbers" {
            div {
                dt { "reported in " span class="date" { (newest(columns::MONTH)) } }
                dd { (newest(columns::REPORTING)) }
            }
            div { dt { "of them for the first time" } dd { (newest(columns::NEW)) } }
            div { dt { "silent for " (SILENCE_DAYS) " days or more" } dd { (newest(columns::SILENT)) } }
            div { dt { "installations known in all" } dd { (newest(columns::KNOWN)) } }
            div { dt { "values not kept in the period" } dd { (Cell::Count(lost).shown()) } }
        }
    }
}
