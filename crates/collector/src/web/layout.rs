//! The frame of every page: head, navigation, who is signed in, where the content starts.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use candor_web::assets::{ICON_PATH, POLICY_STYLE_PATH, SCRIPT_PATH, STYLE_PATH};

/// The parts of the dashboard, in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `/`
    Overview,
    /// `/platforms`
    Platforms,
    /// `/modules`
    Modules,
    /// `/settings`
    Settings,
    /// `/customers`
    Customers,
    /// `/policies`
    Policies,
    /// `/audit`
    Audit,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Overview,
        Self::Platforms,
        Self::Modules,
        Self::Settings,
        Self::Customers,
        Self::Policies,
        Self::Audit,
    ];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Platforms => "Platforms",
            Self::Modules => "Modules",
            Self::Settings => "Settings",
            Self::Customers => "Customers",
            Self::Policies => "Policies",
            Self::Audit => "Audit log",
        }
    }

    /// Where it stands.
    pub fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Platforms => "/platforms",
            Self::Modules => "/modules",
            Self::Settings => "/settings",
            Self::Customers => "/customers",
            Self::Policies => "/policies",
            Self::Audit => "/audit",
        }
    }
}

/// Who looks at a page.
pub struct Reader {
    /// The account's name.
    pub name: String,
    /// What a form of this session must carry.
    pub csrf: String,
}

/// A page, ready to be framed.
pub struct Page<'a> {
    /// What stands in the browser's title.
    pub title: &'a str,
    /// Where in the navigation it belongs.
    pub part: Option<Part>,
    /// Who looks; none: the public.
    pub reader: Option<&'a Reader>,
    /// The navigation keeps these parameters of the address.
    pub kept: &'a str,
    /// Whether a rendered policy stands on it.
    pub shows_policy: bool,
    /// The content of `main`.
    pub content: Markup,
}

impl Page<'_> {
    /// The whole document.
    pub fn into_markup(self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Candor" }
                    link rel="icon" type="image/svg+xml" href=(ICON_PATH);
                    link rel="stylesheet" href=(STYLE_PATH);
                    @if self.shows_policy { link rel="stylesheet" href=(POLICY_STYLE_PATH); }
                    @if self.reader.is_some() { script src=(SCRIPT_PATH) defer {} }
                }
                body {
                    a class="skip" href="#content" { "Skip to the content" }
                    (self.top())
                    main id="content" tabindex="-1" { (self.content) }
                    footer class="foot" {
                        "All times are UTC. A month is the month of the report's period, not of its receipt."
                    }
                }
            }
        }
    }

    fn top(&self) -> Markup {
        html! {
            header class="top" {
                div class="top-row" {
                    a class="brand" href="/" { (mark()) "Candor" }
                    @if self.reader.is_some() { (self.navigation()) }
                    @if let Some(reader) = self.reader {
                        form class="who" method="post" action="/logout" {
                            input type="hidden" name="csrf" value=(reader.csrf);
                            span { span class="unseen" { "Signed in as " } (reader.name) }
                            button class="plain" { "Sign out" }
                        }
                    } @else {
                        p class="who" { a href="/policies" { "Policies" } a href="/login" { "Sign in" } }
                    }
                }
            }
        }
    }

    fn navigation(&self) -> Markup {
        html! {
            nav class="nav" aria-label="Main" {
                ul {
                    @for part in Part::ALL {
                        li {
                            a href={ (part.path()) (self.kept) }
                                aria-current=[(self.part == Some(part)).then_some("page")] { (part.title()) }
                        }
                    }
                }
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
