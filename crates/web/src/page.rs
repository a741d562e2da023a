//! The frame of every page: head, navigation, who is signed in, where the content starts. Its content is passed in.

use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{ICON_PATH, POLICY_STYLE_PATH, SCRIPT_PATH, STYLE_PATH};

/// What a program's pages share, for one visitor.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The program's name, at the top and at the end of every title.
    pub name: String,
    /// The main navigation, in order; none where the visitor may go nowhere.
    pub navigation: Vec<Place>,
    /// Who looks.
    pub visitor: Visitor,
    /// The last line of every page.
    pub note: String,
    /// Where somebody can go who has met an error.
    pub ways_out: Vec<Place>,
}

/// A link of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What is read.
    pub title: String,
    /// An address on this origin, escaped.
    pub href: String,
    /// Whether the page belongs there.
    pub is_current: bool,
}

/// Who looks at a page.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Somebody who can sign out.
    SignedIn {
        /// The account's name.
        name: String,
        /// Where the page of the account is.
        account: String,
        /// The token that a form of this session must carry, in its field `csrf`.
        csrf: String,
        /// Where the form is sent that signs out.
        sign_out: String,
    },
    /// Anybody, and the links that they are offered.
    Public(Vec<Place>),
}

impl Default for Visitor {
    fn default() -> Self {
        Self::Public(Vec::new())
    }
}

/// A page, ready to be framed.
#[derive(Debug)]
pub struct Page<'a> {
    /// What stands before the program's name in the browser's title.
    pub title: &'a str,
    /// Whether charts are drawn on it.
    pub has_charts: bool,
    /// Whether it shows a rendered policy, which needs the style of one.
    pub has_policy: bool,
    /// The content of `main`.
    pub content: Markup,
}

impl Place {
    /// A link to a place that the page does not belong to.
    pub fn new(title: impl Into<String>, href: impl Into<String>) -> Self {
        Self { title: title.into(), href: href.into(), is_current: false }
    }

    fn link(&self) -> Markup {
        html! { a href=(self.href) aria-current=[self.is_current.then_some("page")] { (self.title) } }
    }
}

impl Frame {
    /// The whole document.
    pub fn document(&self, page: &Page<'_>) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (page.title) " · " (self.name) }
                    link rel="icon" type="image/svg+xml" href=(ICON_PATH);
                    link rel="stylesheet" href=(STYLE_PATH);
                    @if page.has_policy { link rel="stylesheet" href=(POLICY_STYLE_PATH); }
                    @if page.has_charts { script src=(SCRIPT_PATH) defer {} }
                }
                body {
                    a class="skip" href="#content" { "Skip to the content" }
                    (self.top())
                    main id="content" tabindex="-1" { (page.content) }
                    @if !self.note.is_empty() { footer class="foot" { (self.note) } }
                }
            }
        }
    }

    /// A page that says what happened instead of what was asked for.
    pub(crate) fn error(&self, title: &str, said: &str, request_id: Option<&str>) -> Response {
        let content = html! {
            div class="head" {
                h1 { (title) }
                p class="lead" { (said) }
                @if !self.ways_out.is_empty() {
                    p { @for (index, place) in self.ways_out.iter().enumerate() { @if index > 0 { " · " } (place.link()) } }
                }
                @if let Some(id) = request_id { p class="quiet" { "Request " code { (id) } } }
            }
        };
        self.document(&Page { title, has_charts: false, has_policy: false, content }).into_response()
    }

    fn top(&self) -> Markup {
        html! {
            header class="top" {
                div class="top-row" {
                    a class="brand" href="/" { (mark()) (self.name) }
                    @if !self.navigation.is_empty() {
                        nav class="nav" aria-label="Main" { ul { @for place in &self.navigation { li { (place.link()) } } } }
                    }
                    (self.visitor.corner())
                }
            }
        }
    }
}

impl Visitor {
    fn corner(&self) -> Markup {
        html! {
            @match self {
                Self::SignedIn { name, account, csrf, sign_out } => {
                    form class="who" method="post" action=(sign_out) {
                        input type="hidden" name="csrf" value=(csrf);
                        a href=(account) { span class="unseen" { "Signed in as " } (name) }
                        button class="plain" { "Sign out" }
                    }
                }
                Self::Public(places) => @if !places.is_empty() { p class="who" { @for place in places { (place.link()) } } },
            }
        }
    }
}

/// The mark: an open eye in an open frame.
fn mark() -> Markup {
    PreEscaped(
        "<svg viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" \
         aria-hidden=\"true\"><path d=\"M2 12c3.2-5.2 6.6-7.5 10-7.5S18.8 6.8 22 12c-3.2 5.2-6.6 7.5-10 \
         7.5S5.2 17.2 2 12Z\"/><circle cx=\"12\" cy=\"12\" r=\"3.2\"/></svg>"
            .to_owned(),
    )
}
