//! The frame of the dashboard's pages: its parts, who is signed in, and where else somebody can go.

use axum::http::request::Parts;
use candor_web::errors::Framing;
use candor_web::headers::SecurityHeaders;
use candor_web::page::{self, Frame, Place, Visitor};
use maud::Markup;

use crate::AppState;
use crate::accounts::signed_in;

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

impl Part {
    /// The part that an address belongs to.
    fn of(path: &str) -> Option<Self> {
        let is_within =
            |part: &Self| path.strip_prefix(part.path()).is_some_and(|rest| rest.starts_with('/'));
        Self::ALL.into_iter().find(|part| part.path() == path || is_within(part))
    }

    /// Where to look for what an address below this part does not lead to.
    fn all(self) -> Option<Place> {
        let title = match self {
            Self::Modules => "To all modules",
            Self::Settings => "To all settings",
            Self::Customers => "To all customers",
            Self::Overview | Self::Platforms | Self::Policies | Self::Audit => return None,
        };
        Some(Place::new(title, self.path()))
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
        let Self { title, part, reader, kept, shows_policy, content } = self;
        let page = page::Page { title, has_charts: reader.is_some(), has_policy: shows_policy, content };
        frame(reader, part, kept).document(&page)
    }
}

/// The frame for a reader, on a page of this part.
fn frame(reader: Option<&Reader>, part: Option<Part>, kept: &str) -> Frame {
    let place = |shown: Part| Place {
        title: shown.title().to_owned(),
        href: format!("{}{kept}", shown.path()),
        is_current: part == Some(shown),
    };
    let policies = Place::new("Policies", Part::Policies.path());
    Frame {
        name: "Candor".to_owned(),
        navigation: if reader.is_some() { Part::ALL.map(place).into() } else { Vec::new() },
        visitor: match reader {
            Some(reader) => Visitor::SignedIn {
                name: reader.name.clone(),
                account: "/account".to_owned(),
                csrf: reader.csrf.clone(),
                sign_out: "/logout".to_owned(),
            },
            None => Visitor::Public(vec![policies, Place::new("Sign in", "/login")]),
        },
        note: "All times are UTC. A month is the month of the report's period, not of its receipt."
            .to_owned(),
        ways_out: part
            .filter(|_| reader.is_some())
            .and_then(Part::all)
            .into_iter()
            .chain([Place::new("To the overview", "/"), Place::new("To the policies", Part::Policies.path())])
            .collect(),
    }
}

impl Framing for AppState {
    async fn frame(&self, request: &Parts) -> Frame {
        let reader = signed_in(&self.access, &request.headers).await;
        let reader = reader.map(|signed_in| Reader { name: signed_in.account.name, csrf: signed_in.csrf });
        frame(reader.as_ref(), Part::of(request.uri.path()), "")
    }

    fn headers(&self) -> SecurityHeaders {
        SecurityHeaders { https: self.config.is_https() }
    }
}
