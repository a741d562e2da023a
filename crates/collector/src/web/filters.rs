//! The form of filters: a plain GET form, so that a view's address can be shared.

use maud::{Markup, html};

use super::address::{self, Parameters};
use crate::insights::{Filter, View};
use crate::store::insights::Choices;

/// What a page's form has beside product, months and version.
#[derive(Default)]
pub struct Extra {
    /// Whether the page can be narrowed to a customer.
    pub customer: bool,
    /// The page's own fields, first in the form.
    pub fields: Option<Markup>,
    /// Parameters that the form carries on.
    pub carried: Parameters,
}

/// The form of a page at `path`.
pub fn form(path: &str, view: &View, offered: &Choices, extra: Extra) -> Markup {
    let (filter, slice) = (&view.filter, &view.slice);
    // A page of one customer is narrowed by its address, not by the form.
    let narrowed = if extra.customer { filter.clone() } else { Filter { customer: None, ..filter.clone() } };
    html! {
        form class="filters" method="get" action=(path) aria-label="Filters" {
            @for (name, value) in &extra.carried { input type="hidden" name=(name) value=(value); }
            @if let Some(fields) = extra.fields { (fields) }
            (choice("product", "Product", "All products", &offered.products, filter.product.as_deref()))
            (month("from", "From", &slice.from.to_string()))
            (month("to", "To", &slice.through.to_string()))
            (choice("version", "Version now", "All versions", &offered.versions, filter.version.as_deref()))
            @if extra.customer {
                div class="field short" {
                    label for="customer" { "Customer number" }
                    input id="customer" name="customer" value=[filter.customer.as_deref()] autocomplete="off" maxlength="300";
                }
            }
            button { "Apply" }
            @if !narrowed.is_open() { a class="button plain" href=(address::with(path, &extra.carried)) { "Clear" } }
        }
        @if !filter.no_months.is_empty() { p class="fault" role="status" { (no_months(view)) } }
    }
}

/// What the page says of something that should be a month, and is none.
fn no_months(view: &View) -> String {
    let slice = &view.slice;
    let named: Vec<String> =
        view.filter.no_months.iter().map(|text| format!("\u{201c}{text}\u{201d}")).collect();
    format!(
        "{} is no month, such as 2026-01: the page shows {} to {}.",
        named.join(" or "),
        slice.from,
        slice.through
    )
}

fn choice(name: &str, title: &str, all: &str, values: &[String], chosen: Option<&str>) -> Markup {
    let known = chosen.is_none_or(|chosen| values.iter().any(|value| value == chosen));
    html! {
        div class="field short" {
            label for=(name) { (title) }
            select id=(name) name=(name) {
                option value="" { (all) }
                // A value that is gone from the data stays chosen, so that the page does not show one thing and say another.
                @if !known { option value=[chosen] selected { (chosen.unwrap_or_default()) } }
                @for value in values { option value=(value) selected[chosen == Some(value.as_str())] { (value) } }
            }
        }
    }
}

fn month(name: &str, title: &str, value: &str) -> Markup {
    html! {
        div class="field month" {
            label for=(name) { (title) }
            input id=(name) name=(name) type="month" value=(value) pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-01";
        }
    }
}

/// A field to search by name.
pub fn search(title: &str, view: &View) -> Markup {
    html! {
        div class="field grow" {
            label for="search" { (title) }
            input id="search" name="search" type="search" value=[view.question.search.as_deref()] maxlength="200";
        }
    }
}
