//! The policy as a page that people read: HTML for a customer's administrator, Markdown for a repository.
//!
//! `sheet` says what there is to say, once; `html` and `markdown` only write it down. The page asks nothing of anybody: no
//! script, no request, one file. It never promises what pseudonyms do not give.

mod html;
mod markdown;
mod phrase;
mod sheet;

use crate::Policy;

/// The design tokens: colours, fonts and measures as CSS variables of `:root`, in light and dark. `candor-web` builds the style
/// of all other pages on them.
pub const TOKENS: &str = include_str!("tokens.css");

/// The style of [`html_fragment`], for a page that has the [`TOKENS`]. Everything in it is scoped to `.policy`.
pub const STYLE: &str = include_str!("style.css");

/// The policy as one self-contained HTML page.
pub fn html(policy: &Policy) -> String {
    html::page(&sheet::Sheet::of(policy)).into_string()
}

/// The policy as an HTML element, `article.policy`, for a page with its own head, [`TOKENS`] and [`STYLE`].
pub fn html_fragment(policy: &Policy) -> maud::Markup {
    html::fragment(&sheet::Sheet::of(policy))
}

/// The policy as Markdown (CommonMark with tables).
pub fn markdown(policy: &Policy) -> String {
    markdown::document(&sheet::Sheet::of(policy))
}
