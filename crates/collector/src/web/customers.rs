//! `/customers`: all customers, and one customer's history. Every look is in the audit log before it is shown.

use axum::extract::{Path, State};
use candor_web::figure::Pages;
use candor_web::{from_segment, segment};
use maud::{Markup, html};

use super::address;
use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::figures;
use super::filters::{self, FilterOptions};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::customers::{CUSTOMER, shown};
use crate::insights::figures::{
    CUSTOMER_FACTS, CUSTOMER_INSTALLATIONS, CUSTOMER_LOSSES, CUSTOMER_MODULES, CUSTOMER_VERSIONS, CUSTOMERS,
};
use crate::insights::limits::CUSTOMERS_PER_PAGE;

/// Shows all customers.
pub async fn page(
    State(state): State<AppState>,
    staff: Staff,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let view = ask::view(&state, &asked).await?;
    let [mut list] = ask::figures(&state, &staff, &view, [CUSTOMERS]).await?;
    let offered = ask::offered(&state, &view).await?;
    let pages = Pages::cut(&mut list.table, view.page, CUSTOMERS_PER_PAGE);
    let extra = FilterOptions {
        fields: Some(filters::search("Name or number contains", &view)),
        ..FilterOptions::default()
    };
    let content = html! {
        div class="head" {
            h1 { "Customers" }
            p class="lead" { (list.answer) }
        }
        (filters::form("/customers", &view, &offered, extra))
        section class="figure" aria-label="All customers" {
            div class="figure-head" { h2 { "All customers" } (figures::takeaway(&list, &view)) }
            (figures::long_body(&list, &view))
            (figures::page_links(pages, "/customers", &view))
        }
    };
    Ok(staff.page("Customers", Part::Customers, &view, content))
}

/// Shows one customer.
pub async fn customer(
    State(state): State<AppState>,
    staff: Staff,
    Path(key): Path<String>,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let key = from_segment(&key);
    let view = ask::view(&state, &asked).await?.of_customer(&key);
    let asked = [
        CUSTOMERS,
        CUSTOMER_INSTALLATIONS,
        CUSTOMER_VERSIONS,
        CUSTOMER_FACTS,
        CUSTOMER_MODULES,
        CUSTOMER_LOSSES,
    ];
    let [found, installations, versions, facts, modules, losses] =
        ask::figures(&state, &staff, &view, asked).await?;
    // A customer that has nothing of the chosen product, version or months is a customer all the same.
    let name = match found.table.cells(CUSTOMER).next() {
        Some(name) => name.shown(),
        None => ask::customer_name(&state, &view)
            .await?
            .ok_or_else(|| Failure::NotFound("customer of that name or number".to_owned()))?,
    };
    let offered = ask::offered(&state, &view).await?;
    let back: address::Parameters =
        view.filter.parameters().into_iter().filter(|(name, _)| *name != "customer").collect();
    let content = html! {
        div class="head" {
            p class="crumbs" { a href=(address::with("/customers", &back)) { "Customers" } }
            h1 { (name) }
            @if let (false, true) = (key.starts_with('~'), shown(&key, None) != name) {
                p class="quiet" { "Customer number " (key) }
            }
            p class="lead" { (installations.answer) " " (versions.answer) }
        }
        (filters::form(&format!("/customers/{}", segment(&key)), &view, &offered, FilterOptions::default()))
        (figures::section(&facts, &view))
        (figures::section_of_lead(&versions, &view))
        (figures::section(&modules, &view))
        (figures::section_of_lead(&installations, &view))
        (figures::section(&losses, &view))
    };
    Ok(staff.page(&name, Part::Customers, &view, content))
}
