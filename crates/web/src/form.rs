//! Fields of forms: a label and its control, as all pages of ours have them.

use maud::{Markup, html};

/// A choice among values; an empty value means `all`. A chosen value stays in the list even when it is not offered any more:
/// otherwise the form would show another one than the page does.
pub fn choice(name: &str, title: &str, all: &str, values: &[String], chosen: Option<&str>) -> Markup {
    let known = chosen.is_none_or(|chosen| values.iter().any(|value| value == chosen));
    html! {
        div class="field short" {
            label for=(name) { (title) }
            select id=(name) name=(name) {
                option value="" { (all) }
                @if !known { option value=[chosen] selected { (chosen.unwrap_or_default()) } }
                @for value in values { option value=(value) selected[chosen == Some(value.as_str())] { (value) } }
            }
        }
    }
}

/// A month, as `2026-01`; a plain field where the browser has none for months.
pub fn month(name: &str, title: &str, value: &str) -> Markup {
    html! {
        div class="field month" {
            label for=(name) { (title) }
            input id=(name) name=(name) type="month" value=(value) pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-01";
        }
    }
}

/// A short text.
pub fn text(name: &str, title: &str, value: Option<&str>, longest: usize) -> Markup {
    html! {
        div class="field short" {
            label for=(name) { (title) }
            input id=(name) name=(name) value=[value] autocomplete="off" maxlength=(longest);
        }
    }
}

/// A text to search for.
pub fn search(name: &str, title: &str, value: Option<&str>, longest: usize) -> Markup {
    html! {
        div class="field grow" {
            label for=(name) { (title) }
            input id=(name) name=(name) type="search" value=[value] maxlength=(longest);
        }
    }
}
