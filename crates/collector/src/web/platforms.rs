//! `/platforms`: operating systems, databases, devices; and who would be affected if more were required.

use axum::extract::State;
use maud::{Markup, html};

use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::figures;
use super::filters::{self, FilterOptions};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::figures::{
    DATABASE_EDITIONS, DATABASES, DEVICES, LANGUAGES, OPERATING_SYSTEMS, WHAT_IF,
};
use crate::insights::{Figure, Requirable, View};

/// Shows the page.
pub async fn page(
    State(state): State<AppState>,
    staff: Staff,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let asked = [OPERATING_SYSTEMS, DATABASES, DATABASE_EDITIONS, LANGUAGES, DEVICES];
    let [systems, databases, editions, languages, devices] =
        ask::figures(&state, &staff, &view, asked).await?;
    // Who would be affected is customers' data: it is read, and logged, only where it is asked for.
    let affected = match view.question.require {
        Some(_) => Some(ask::figures(&state, &staff, &view, [WHAT_IF]).await?),
        None => None,
    };
    let offered = ask::offered(&state, &view).await?;
    let requirable = ask::requirable(&state, &view).await?;
    let extra =
        FilterOptions { customer: true, carried: view.question.parameters(), ..FilterOptions::default() };
    let content = html! {
        div class="head" {
            h1 { "Platforms" }
            p class="lead" { (systems.answer) " " (databases.answer) }
        }
        (filters::form("/platforms", &view, &offered, extra))
        (what_if(&view, &requirable, affected.as_ref().map(|[figure]| figure)))
        div class="pair" {
            (figures::section_of_lead(&systems, &view))
            (figures::section_of_lead(&databases, &view))
            (figures::section(&editions, &view))
            @if !languages.table.rows.is_empty() { (figures::section(&languages, &view)) }
            (figures::section(&devices, &view))
        }
    };
    Ok(staff.page("Platforms", Part::Platforms, &view, content))
}

fn what_if(view: &View, requirable: &[Requirable], affected: Option<&Figure>) -> Markup {
    let asked = view.question.require.as_ref();
    html! {
        section class="figure" aria-labelledby="what-if-title" id="what-if" {
            div class="figure-head" {
                h2 id="what-if-title" { "What if we required more?" }
                @if let Some(figure) = affected { @if !figure.table.rows.is_empty() { (figures::takeaway(figure, view)) } }
            }
            @if requirable.is_empty() {
                p class="empty" {
                    "Once installations have reported versions of their operating system, their database or the product, "
                    "this shows which customers a new minimum would affect."
                }
            } @else {
                form class="filters" method="get" action="/platforms#what-if" aria-label="What if" {
                    @for (name, value) in view.filter.parameters() { input type="hidden" name=(name) value=(value); }
                    div class="field grow" {
                        label for="require" { "If we required at least" }
                        select id="require" name="require" {
                            option value="" { "Choose a version" }
                            @for Requirable { subject, minima } in requirable {
                                optgroup label=(subject.title()) {
                                    @for (require, shown) in minima {
                                        option value=(require.to_string()) selected[asked == Some(require)] { (shown) }
                                    }
                                }
                            }
                        }
                    }
                    button { "Show who is affected" }
                }
                @if let Some(figure) = affected {
                    p class="answer" { (figure.answer) }
                    (figures::body(figure, view))
                }
            }
        }
    }
}
