//! Who looks at a page: extractors over `accounts`, and the frame with their name in it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use maud::Markup;

use super::address;
use super::layout::{Page, Part, Reader};
use crate::AppState;
use crate::accounts::SignedIn;
use crate::insights::View;

/// Somebody of the vendor's staff. Whoever is not signed in is sent to the sign-in page.
pub struct Staff(Reader);

/// Somebody of the staff, or the public.
pub struct MaybeStaff(Option<Staff>);

impl Staff {
    /// The account's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// A page of the dashboard, its navigation keeping the view's filters.
    pub fn page(&self, title: &str, part: Part, view: &View, content: Markup) -> Markup {
        let kept = address::with("", &view.filter.parameters());
        let part = Some(part);
        Page { title, part, reader: Some(&self.0), kept: &kept, shows_policy: false, content }.into_markup()
    }
}

impl MaybeStaff {
    /// Who looks, where it is somebody of the staff.
    pub fn reader(&self) -> Option<&Reader> {
        self.0.as_ref().map(|staff| &staff.0)
    }
}

impl FromRequestParts<AppState> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, state).await?;
        Ok(Self(Reader { name: signed_in.account.name, csrf: signed_in.csrf }))
    }
}

impl FromRequestParts<AppState> for MaybeStaff {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self(Staff::from_request_parts(parts, state).await.ok()))
    }
}
