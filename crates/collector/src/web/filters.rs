//! The form of filters: a plain GET form, so that a view's address can be shared.

use candor_web::form;
use maud::{Markup, html};

use super::address::{self, Parameters};
use crate::insights::{Filter, View};
use crate::store::insights::Choices;

/// What a page's form has beside product, months and version.
#[derive(Default)]
pub struct FilterOptions {
    /// Whether the page can be narrowed to a customer.
    pub customer: bool,
    /// The page's own fields, first in the form.
    pub fields: Option<Markup>,
    /// Parameters that the form carries on.
    pub carried: Parameters,
}

/// The form of a page at `path`.
pub fn form(path: &str, view: &View, offered: &Choices, extra: FilterOptions) -> Markup {
    let (filter, slice) = (&view.filter, &view.slice);
    // A page of one customer is narrowed by its address, not by the form.
    let narrowed = if extra.customer { filter.clone() } else { Filter { customer: None, ..filter.clone() } };
    html! {
        form class="filters" method="get" action=(path) aria-label="Filters" {
            @for (name, value) in &extra.carried { input type="hidden" name=(name) value=(value); }
            @if let Some(fields) = extra.fields { (fields) }
            (form::choice("product", "Product", "All products", &offered.products, filter.product.as_deref()))
            (form::month("from", "From", &slice.from.to_string()))
            (form::month("to", "To", &slice.through.to_string()))
            (form::choice("version", "Version now", "All versions", &offered.versions, filter.version.as_deref()))
            @if extra.customer {
                (form::text("customer", "Customer number", filter.customer.as_deref(), 300))
            }
            @if !slice.vouched.is_empty() {
                div class="field short" {
                    label for="unverified" { "Unverified installations" }
                    select id="unverified" name="unverified" {
                        option value="" { "Not counted" }
                        option value="yes" selected[filter.unverified] { "Counted, too" }
                    }
                }
            }
            button { "Apply" }
            @if !narrowed.is_open() { a class="button plain" href=(address::with(path, &extra.carried)) { "Clear" } }
        }
        @if !filter.no_months.is_empty() { p class="fault" role="status" { (no_months(view)) } }
        @for sentence in unknown(filter, offered) { p class="fault" role="status" { (sentence) } }
    }
}

/// What the page says of something that should be a month, and is none.
fn no_months(view: &View) -> String {
    let slice = &view.slice;
    let named: Vec<String> =
        view.filter.no_months.iter().map(|text| format!("\u{201c}{text}\u{201d}")).collect();
    format!(
        "{} is not a valid month, such as 2026-01: the page shows {} to {}.",
        named.join(" or "),
        slice.from,
        slice.through
    )
}

/// What the filter is narrowed to that no installation has: the page is then empty for that reason.
fn unknown(filter: &Filter, offered: &Choices) -> Vec<String> {
    let lacks = |known: &[String], value: &Option<String>| {
        value.as_ref().filter(|value| !known.contains(value)).map(|value| format!("\u{201c}{value}\u{201d}"))
    };
    let product = lacks(&offered.products, &filter.product);
    let version = lacks(&offered.versions, &filter.version).filter(|_| product.is_none());
    let customer = filter.customer.as_ref().filter(|_| !offered.knows_customer);
    [
        product.map(|name| {
            format!("No installation has reported for a product named {name}: choose one of the list.")
        }),
        version.map(|name| {
            format!("No installation has version {name} in these months: choose one of the list.")
        }),
        customer.map(|key| format!("No customer has the number \u{201c}{key}\u{201d}: check the spelling.")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A field to search by name.
pub fn search(title: &str, view: &View) -> Markup {
    form::search("search", title, view.question.search.as_deref(), 200)
}
