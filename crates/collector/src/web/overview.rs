//! `/`: who reports, which versions they have, what was not kept, what was refused, what came last.

use axum::extract::State;
use maud::{Markup, html};

use super::ask::{self, Asked};
use super::failure::Failure;
use super::figures;
use super::filters::{self, Extra};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::limits::SILENCE_DAYS;
use crate::insights::{Cell, Figure};

/// Shows the page.
pub async fn page(State(state): State<AppState>, staff: Staff, asked: Asked) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let names = ["reporting", "versions", "losses", "last-reports", "refusals"];
    let [reporting, versions, losses, last, refusals] = ask::figures(&state, &staff, &view, names).await?;
    let offered = ask::offered(&state, &view).await?;
    let content = html! {
        div class="head" {
            h1 { "Overview" }
            p class="lead" { (reporting.answer) " " (versions.answer) }
        }
        (filters::form("/", &view, &offered, Extra { customer: true, ..Extra::default() }))
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

/// The newest month's numbers, large; they are the first row of the figure's table.
fn key_numbers(reporting: &Figure, losses: &Figure) -> Markup {
    let Some(row) = reporting.table.rows.first() else { return html! {} };
    let lost: i64 = losses
        .table
        .rows
        .iter()
        .filter_map(|row| match row.get(2) {
            Some(Cell::Count(count)) => Some(*count),
            _ => None,
        })
        .sum();
    let month = row.first().map(Cell::shown).unwrap_or_default();
    let at = |place: usize| row.get(place).map(Cell::shown).unwrap_or_default();
    html! {
        dl class="numbers" {
            div { dt { "reported in " span class="date" { (month) } } dd { (at(1)) } }
            div { dt { "of them for the first time" } dd { (at(2)) } }
            div { dt { "silent for " (SILENCE_DAYS) " days or more" } dd { (at(3)) } }
            div { dt { "installations known in all" } dd { (at(4)) } }
            div { dt { "values not kept in the period" } dd { (Cell::Count(lost).shown()) } }
        }
    }
}
